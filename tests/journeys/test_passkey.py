"""A passkey is made and used; a code from an app is asked after it was connected."""

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

pytestmark = pytest.mark.django_db(transaction=True)
KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def test_passkey_is_made_and_signs_in(visit, house):
    anna = visit()
    anna.base = anna.base.replace("127.0.0.1", "localhost")
    client = anna.page.context.new_cdp_session(anna.page)
    client.send("WebAuthn.enable")
    client.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    anna.sign_in(house.anna)
    anna.open("/account/2fa/webauthn/add/")
    if "reauthenticate" in anna.page.url:
        anna.page.fill("[name=password]", "een lange zin om te onthouden")
        anna.page.click(".btn-primary")
    anna.look("passkey-add")
    anna.page.fill("[name=name]", "werklaptop")
    anna.page.check("[name=passwordless]")
    anna.page.click("#mfa_webauthn_add")
    anna.page.wait_for_url(lambda url: "/add/" not in url)
    anna.page.context.clear_cookies()
    anna.open("/account/login/")
    anna.page.click("#passkey_login")
    anna.page.wait_for_url(lambda url: "login" not in url)
    assert anna.page.locator("nav").first.is_visible() or anna.page.locator("nav.bottom").is_visible()


def test_first_visit_to_the_sign_in_page_asks_for_fewer_than_ten_things(visit):
    anna, asked = visit(), []
    anna.page.on("request", lambda request: asked.append(request.url))
    anna.open("/account/login/")
    anna.page.wait_for_load_state("networkidle")
    assert len(asked) < 10, asked


def test_app_is_connected_and_its_code_asked(visit, house):
    anna = visit()
    anna.sign_in(house.anna)
    anna.open("/account/2fa/totp/activate/")
    if "reauthenticate" in anna.page.url:
        anna.page.fill("[name=password]", "een lange zin om te onthouden")
        anna.page.click(".btn-primary")
    anna.look("totp")
    secret = anna.page.inner_text(".copy")
    anna.page.fill("[name=code]", _code(secret))
    anna.page.click("main form .btn-primary")
    anna.look("recovery-codes")
    code = anna.page.inner_text("pre.copy").split()[0]
    anna.page.context.clear_cookies()
    anna.sign_in(house.anna)
    anna.look("second-step")
    anna.page.fill("[name=code]", code)
    anna.page.click(".entrance .btn-primary")
    anna.page.wait_for_selector("main.work")


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
