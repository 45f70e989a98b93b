"""The names that columns go by, in Dutch, English and the labels of programs, strongest first.

Names are compared without case, accents, spaces and signs, so "Customer ID", "customer_id" and "CustomerId" are
one; a vendor's prefix ("Deal - ") counts as absent.
"""


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


Row = tuple[str, str, tuple[tuple[str, ...], ...], str, str]

_CUSTOMER_ID = _names(
    "customer id, customer number, customer no, customer code, customer key, customer nr, "
    "cust id, cust no, client id, client number, klantnummer, klantnr, klant nr, klant id, "
    "klantcode, klant code, debiteurnummer, debiteurnr, debiteur nr, debiteurcode, debtor id, "
    "debtor number, relatienummer, relatiecode, account id, account code, account number, "
    "account seq, accountseq, company id, company record id, organization id, organisation "
    "id, organisatie id, reseller key, store id, associated company ids, associated company "
    "id, primary associated company id, lead customer id, orderaccountcode, invoice to code, "
    "bccd, partner id id"
)
_CUSTOMER = _names(
    "customer, cust, client, klant, debiteur, relatie, afnemer, account, company, bedrijf, "
    "organization, organisation, organisatie, partner, partner id, reseller, debtor, "
    "potential customer, associated company, cliente"
)
_CUSTOMER_NAME = _names(
    "customer name, client name, klantnaam, naam klant, naam van de klant, debiteurnaam, naam "
    "debiteur, relatienaam, bedrijfsnaam, company name, account name, organization name, "
    "organisation name, organisatienaam, reseller name, debtor name, store name, associated "
    "company name, associated company names, order account name, invoice to name"
)
_OWNER = _names(
    "owner, deal owner, opportunity owner, company owner, contact owner, account owner, "
    "eigenaar, owner name, owner full name, verantwoordelijke, responsible user, responsible, "
    "sales person, salesperson, salesperson name, sales rep, sales representative, verkoper, "
    "accountmanager, account manager, account manager full name, addetto vendite, "
    "vertegenwoordiger, behandelaar"
)
_OWNER_ID = _names("owner id, hubspot owner id, user id, system user seq, employee key, account owner seq")
_SEGMENT = (
    _names("segment, klantsegment, customer segment, customer group, klantgroep, klant groep, debiteurgroep"),
    _names("industry, branche, sector, bedrijfstak, sbi, business type, classification, classificatie"),
    _names("type klant, customer type, klanttype, account type"),
)
_PRODUCT = (
    _names(
        "product id, product code, product number, product key, stock code, sku, item code, item "
        "number, artikelnummer, artikelcode, artikelnr, artikel nr, productcode, productnummer, "
        "product seq"
    ),
    _names(
        "product, item, artikel, article, product name, artikelnaam, description, omschrijving, "
        "artikelomschrijving"
    ),
)
_CURRENCY = (
    _names(
        "currency, currency code, currency iso code, valuta, valutacode, munt, muntsoort, "
        "munteenheid, currency of value, currency id, amount currency, deal currency code, total "
        "amount currency, deal currency"
    ),
)
_EMAIL = (
    _names(
        "email, e-mail, email address, e-mail address, e-mailadres, emailadres, mail, email work, "
        "property email, work email"
    ),
    _names("email home, email other"),
)
_PHONE = (
    _names("phone, phone number, telephone, telefoon, telefoonnummer, tel, telnr, phone work"),
    _names("mobile, mobile phone, mobiel, mobile phone number, phone mobile"),
)
_DEAL_LINK = (
    _names(
        "deal id, opportunity id, opportunity seq, associated deal ids, associated deal id, "
        "dealnummer, deal nummer, opportunity number, deal record id"
    ),
    _names("deal, opportunity, kans, verkoopkans, deal name, opportunity name"),
)
_CONTACT_LINK = (
    _names("contact id, contact person id, associated contact ids, who id, contact seq"),
    _names("contact, contact person, contactpersoon, associated contact, contact name, contact full name"),
)
_FIRST = (_names("first name, voornaam, given name, property firstname, firstname"),)
_LAST = (_names("last name, achternaam, surname, family name, property lastname, lastname"),)

PURCHASES: tuple[Row, ...] = (
    ("customer", "text", (_CUSTOMER_ID, _CUSTOMER), "customer", "klant"),
    ("customer_name", "text", (_CUSTOMER_NAME,), "customer's name", "naam van de klant"),
    (
        "on",
        "date",
        (
            _names(
                "invoice date, factuurdatum, factuur datum, invoiced on, date of invoice, billing date, "
                "boekdatum, posting date"
            ),
            _names(
                "order date, orderdatum, order datum, besteldatum, purchase date, transaction date, "
                "verkoopdatum, sale date, sales date, transactiedatum, aankoopdatum"
            ),
            _names("date, datum, on, day, dag, dt, leverdatum, delivery date"),
        ),
        "date",
        "datum",
    ),
    (
        "revenue",
        "amount",
        (
            _names(
                "revenue, net revenue, omzet, netto omzet, netto-omzet, net amount, netto bedrag, "
                "nettobedrag, sales amount, line revenue, net sales, omzet excl btw, bedrag excl btw, "
                "bedrag exclusief btw, bedrag ex btw, regelbedrag, net line amount, amount excl vat, line "
                "amount, omzetbedrag, extended price, net value, nettowaarde, verkoopbedrag"
            ),
            _names(
                "amount, bedrag, sales, spend, amount dc, total, totaal, line total, total amount, "
                "totaalbedrag, totaal excl btw, subtotal, subtotaal, value, monetary value, turnover, cds "
                "value, dollar value"
            ),
        ),
        "revenue",
        "omzet",
    ),
    (
        "cost",
        "amount",
        (
            _names(
                "total product cost, total cost, totale kostprijs, kostprijs totaal, kostprijs regel, "
                "cost amount, kostenbedrag, line cost, kostprijsbedrag, kostprijswaarde, cost of goods "
                "sold, cogs, kostprijs van de omzet, inkoopwaarde, cost value"
            ),
            _names("cost, costs, kosten, kostprijs, cost dc, inkoopbedrag"),
        ),
        "cost of the line",
        "kostprijs van de regel",
    ),
    (
        "margin",
        "amount",
        (
            _names(
                "margin, marge, brutomarge, bruto marge, gross margin, gross profit, brutowinst, marge "
                "bedrag, margebedrag, margin amount"
            ),
        ),
        "margin",
        "marge",
    ),
    (
        "unit_cost",
        "number",
        (
            _names(
                "unit cost, standard cost, cost price, kostprijs per stuk, kostprijs per eenheid, "
                "stukskostprijs, inkoopprijs, standaard kostprijs, vvp, unit cost price"
            ),
        ),
        "cost a piece",
        "kostprijs per stuk",
    ),
    (
        "quantity",
        "number",
        (
            _names(
                "quantity, aantal, order quantity, qty, invoiced quantity, gefactureerd aantal, "
                "hoeveelheid, quantity ordered, quantity invoiced, units"
            ),
            _names("cds, number of items"),
        ),
        "quantity",
        "aantal",
    ),
    (
        "unit_price",
        "number",
        (
            _names(
                "unit price, net price, nettoprijs, netto prijs, price per unit, prijs per stuk, prijs "
                "per eenheid, stuksprijs, eenheidsprijs, verkoopprijs, sales price, netprice"
            ),
            _names("price, prijs"),
        ),
        "price a piece",
        "prijs per stuk",
    ),
    (
        "invoice",
        "text",
        (
            _names(
                "invoice, invoice no, invoice number, invoice nr, invoice id, factuurnummer, factuurnr, "
                "factuur nr, factuur, invoicenr"
            ),
            _names(
                "order number, sales order number, order no, order id, ordernummer, ordernr, order, "
                "bestelnummer, transaction id, boekstuknummer, bonnummer, document number"
            ),
        ),
        "invoice",
        "factuur",
    ),
    (
        "status",
        "choice",
        (
            _names("line status, regelstatus, order status, orderstatus, invoice status, factuurstatus"),
            _names("status"),
        ),
        "status of the line",
        "status van de regel",
    ),
    ("deal", "text", _DEAL_LINK, "deal", "aanvraag"),
    ("product", "text", _PRODUCT, "product", "artikel"),
    ("product_name", "text", _PRODUCT[1:], "product's name", "naam van het artikel"),
    ("segment", "text", _SEGMENT, "segment", "segment"),
    ("currency", "currency", _CURRENCY, "currency", "valuta"),
)

_STAGE = (
    _names(
        "deal stage, stage, stage name, sales stage, fase, dealfase, verkoopfase, pipeline phase, "
        "current phase, opportunity stage description, stage pipeline, deal pipeline stage id, "
        "stage id id"
    ),
    _names("opportunity stage, phase, stage id, sales stage pipeline phase"),
)
_CHANCE = (
    _names(
        "probability, probability %, chance, kans %, kans percentage, slagingskans, slaagkans, "
        "waarschijnlijkheid, deal probability, estimated probability, scoringskans, probabilita, "
        "stated chance, win probability"
    ),
)
_AMOUNT = (
    _names(
        "amount, deal amount, value, deal value, waarde, bedrag, dealwaarde, total amount, "
        "amount dc, offertebedrag, property amount"
    ),
    _names(
        "est revenue, estimated revenue, expected revenue, verwachte omzet, geschatte omzet, "
        "estimated value amount, estimated value, ricavi previsti, revenue, omzet"
    ),
)
_EXPECTED = (
    _names(
        "expected close date, expected close on, estimated closing date, est close date, "
        "estimated close date, verwachte sluitdatum, verwachte afsluitdatum, date deadline, "
        "expected closing, verwachte sluiting, verwachte datum"
    ),
)

DEALS_ROWS: tuple[Row, ...] = (
    (
        "deal",
        "text",
        (
            _names(
                "deal id, opportunity id, record id, dealnummer, deal nummer, opportunity seq, id, do not "
                "modify opportunity, opportunity number, pipedrive system id, deal key, offertenummer, "
                "quotation number"
            ),
            _names("number, nummer, reference, referentie"),
        ),
        "deal's number",
        "nummer van de aanvraag",
    ),
    (
        "name",
        "text",
        (
            _names(
                "deal name, opportunity name, dealnaam, topic, title, titel, property dealname, "
                "onderwerp, omschrijving"
            ),
            _names("name, naam, opportunity, opportunita, verkoopkans, deal, kans"),
        ),
        "deal's name",
        "naam van de aanvraag",
    ),
    ("customer", "text", (_CUSTOMER_ID, _CUSTOMER), "customer", "klant"),
    ("customer_name", "text", (_CUSTOMER_NAME,), "customer's name", "naam van de klant"),
    ("contact", "text", _CONTACT_LINK, "contact", "contactpersoon"),
    (
        "outcome",
        "choice",
        (
            _names(
                "outcome, status, deal status, opportunity status, dealstatus, uitkomst, resultaat, state code"
            ),
            _names("result"),
        ),
        "outcome",
        "uitkomst",
    ),
    ("stage", "text", _STAGE, "stage", "fase"),
    (
        "is_won",
        "flag",
        (_names("is won, won, is closed won, hs is closed won, gewonnen, closed won"),),
        "won or not",
        "gewonnen of niet",
    ),
    (
        "is_lost",
        "flag",
        (_names("is lost, is closed lost, hs is closed lost"),),
        "lost or not",
        "verloren of niet",
    ),
    (
        "is_closed",
        "flag",
        (_names("is closed, hs is closed, closed, gesloten"),),
        "closed or not",
        "gesloten of niet",
    ),
    ("is_deleted", "flag", (_names("is deleted, verwijderd"),), "deleted or not", "verwijderd of niet"),
    (
        "opened_on",
        "date",
        (
            _names(
                "deal created, create date, created date, created on, creation date, created at, created, "
                "opened on, opportunity created on, aangemaakt op, aanmaakdatum, aangemaakt, datum "
                "aangemaakt, property createdate, add time, deal creation date, date created, invoerdatum"
            ),
            _names("open date, start date, startdatum, quotation date, offertedatum"),
            _names("opened, geopend"),
        ),
        "day opened",
        "dag waarop hij begon",
    ),
    (
        "closed_on",
        "date",
        (
            _names(
                "deal closed on, closed on, actual close date, closed at, date closed, afgesloten op, "
                "gesloten op, closed date"
            ),
            _names(
                "close date, closedate, sluitdatum, afsluitdatum, close time, property closedate, closing "
                "date, datum gesloten"
            ),
            _names("closed, gesloten"),
        ),
        "day closed",
        "dag waarop hij sloot",
    ),
    ("won_on", "date", (_names("won time, won on, won date, gewonnen op"),), "day won", "dag gewonnen"),
    ("lost_on", "date", (_names("lost time, lost on, lost date, verloren op"),), "day lost", "dag verloren"),
    ("expected_close_on", "date", _EXPECTED, "expected day", "verwachte dag"),
    ("amount", "amount", _AMOUNT, "amount", "bedrag"),
    (
        "margin",
        "amount",
        (_names("margin, marge, gross margin, brutomarge, quoted margin, marge bedrag, geoffreerde marge"),),
        "quoted margin",
        "geoffreerde marge",
    ),
    ("stated_chance", "chance", _CHANCE, "stated chance", "opgegeven kans"),
    ("segment", "text", _SEGMENT, "segment", "segment"),
    (
        "source",
        "text",
        (
            _names(
                "lead source, source, bron, leadbron, herkomst, original source, source origin, lead "
                "source description, original source type, campaign, campaign seq, source channel"
            ),
        ),
        "source",
        "bron",
    ),
    ("owner", "text", (_OWNER, _OWNER_ID), "owner", "eigenaar"),
    (
        "lost_reason",
        "text",
        (
            _names(
                "lost reason, loss reason, verliesreden, reden verlies, reden van verlies, closed lost "
                "reason, reason code description"
            ),
        ),
        "reason lost",
        "reden van verlies",
    ),
    ("currency", "currency", _CURRENCY, "currency", "valuta"),
)

FIELDS: dict[str, tuple[Row, ...]] = {
    "purchases": PURCHASES,
    "deals": DEALS_ROWS,
    "stage_history": (
        (
            "deal",
            "text",
            (
                _names("deal id, opportunity id, record id, dealnummer, opportunity seq"),
                _names("deal, opportunity, deal name, opportunity name, verkoopkans"),
            ),
            "deal",
            "aanvraag",
        ),
        (
            "on",
            "date",
            (
                _names(
                    "date entered, changed on, change date, created date, started at, from date, on, stage "
                    "change date, last stage change date, gewijzigd op, datum wijziging, vanaf, fivetran "
                    "start"
                ),
                _names("date, datum, timestamp"),
            ),
            "day of the change",
            "dag van de wijziging",
        ),
        ("stage", "text", (*_STAGE, _names("value, to stage, naar fase")), "stage", "fase"),
        ("amount", "amount", _AMOUNT, "amount", "bedrag"),
        ("stated_chance", "chance", _CHANCE, "stated chance", "opgegeven kans"),
        (
            "expected_close_on",
            "date",
            (*_EXPECTED, _names("close date, closedate, sluitdatum")),
            "expected day",
            "verwachte dag",
        ),
        ("currency", "currency", _CURRENCY, "currency", "valuta"),
    ),
    "customers": (
        (
            "customer",
            "text",
            (_names("record id, id, do not modify account"), (*_CUSTOMER_ID, "code")),
            "customer's number",
            "nummer van de klant",
        ),
        ("name", "text", (_CUSTOMER_NAME, _names("name, naam, display name"), _CUSTOMER), "name", "naam"),
        ("segment", "text", _SEGMENT, "segment", "segment"),
        ("owner", "text", (_OWNER, _OWNER_ID), "owner", "eigenaar"),
        ("email", "text", _EMAIL, "e-mail", "e-mail"),
        ("phone", "text", _PHONE, "telephone", "telefoon"),
        (
            "website",
            "text",
            (_names("website, website url, url"), _names("company domain name, domain, domein")),
            "website",
            "website",
        ),
        (
            "city",
            "text",
            (
                _names(
                    "city, plaats, woonplaats, vestigingsplaats, stad, billing city, city town village "
                    "locality of address"
                ),
            ),
            "city",
            "plaats",
        ),
        (
            "country",
            "text",
            (_names("country, land, country region, country name, billing country, country of address"),),
            "country",
            "land",
        ),
        (
            "registration",
            "text",
            (
                _names(
                    "chamber of commerce, kvk, kvk nummer, kvknummer, ch of comm nr, national identification "
                    "number, registration"
                ),
            ),
            "registration",
            "KvK-nummer",
        ),
        (
            "since_on",
            "date",
            (
                _names(
                    "customer since, klant sinds, create date, created date, created on, created, aangemaakt "
                    "op, aanmaakdatum, added at, property createdate"
                ),
            ),
            "customer since",
            "klant sinds",
        ),
        ("is_deleted", "flag", (_names("is deleted, verwijderd"),), "deleted or not", "verwijderd of niet"),
    ),
    "contacts": (
        (
            "contact",
            "text",
            (_names("contact id, record id, id, contact seq, do not modify contact, contactnummer"),),
            "contact's number",
            "nummer van de contactpersoon",
        ),
        (
            "name",
            "text",
            (_names("full name, contact name, naam, volledige naam, contactpersoon, name"), _names("contact")),
            "name",
            "naam",
        ),
        ("first_name", "text", _FIRST, "first name", "voornaam"),
        ("last_name", "text", _LAST, "last name", "achternaam"),
        ("email", "text", _EMAIL, "e-mail", "e-mail"),
        ("phone", "text", _PHONE, "telephone", "telefoon"),
        (
            "job_title",
            "text",
            (_names("job title, functie, functietitel, property jobtitle, position"), _names("title")),
            "job",
            "functie",
        ),
        (
            "customer",
            "text",
            (_CUSTOMER_ID, (*_CUSTOMER, *_CUSTOMER_NAME, *_names("property company"))),
            "customer",
            "klant",
        ),
        ("owner", "text", (_OWNER, _OWNER_ID), "owner", "eigenaar"),
        ("is_deleted", "flag", (_names("is deleted, verwijderd"),), "deleted or not", "verwijderd of niet"),
    ),
    "people": (
        (
            "person",
            "text",
            (
                _names(
                    "person id, employee id, employee key, user id, personeelsnummer, medewerkernummer, owner "
                    "id, id, system user seq, systemuserid"
                ),
            ),
            "person's number",
            "nummer van de medewerker",
        ),
        (
            "name",
            "text",
            (
                _names(
                    "full name, volledige naam, naam, name, employee name, medewerker, person, owner, "
                    "employee, user"
                ),
            ),
            "name",
            "naam",
        ),
        ("first_name", "text", _FIRST, "first name", "voornaam"),
        ("last_name", "text", _LAST, "last name", "achternaam"),
        ("email", "text", _EMAIL, "e-mail", "e-mail"),
        ("team", "text", (_names("team, team name, teamnaam, afdeling, department, groep"),), "team", "team"),
        (
            "function",
            "text",
            (_names("function, functie, job title, role, rol, title"),),
            "function",
            "functie",
        ),
        (
            "manager",
            "text",
            (_names("manager, leidinggevende, sales manager, manager name"),),
            "manager",
            "leidinggevende",
        ),
        (
            "from_on",
            "date",
            (_names("start date, startdatum, in dienst, datum in dienst, from, van, vanaf, from on, created at"),),
            "first day",
            "eerste dag",
        ),
        (
            "until_on",
            "date",
            (_names("end date, einddatum, uit dienst, datum uit dienst, until, tot, until on"),),
            "day after the last",
            "dag na de laatste",
        ),
        (
            "hours",
            "number",
            (_names("hours per week, uren per week, contracturen, contract hours, weekly hours, werkuren"),),
            "hours a week",
            "uren per week",
        ),
    ),
    "responsibilities": (
        ("customer", "text", (_CUSTOMER_ID, _CUSTOMER), "customer", "klant"),
        ("customer_name", "text", (_CUSTOMER_NAME,), "customer's name", "naam van de klant"),
        (
            "person",
            "text",
            ((*_OWNER, *_names("medewerker, employee, person, naam medewerker")), _OWNER_ID),
            "who of us",
            "wie van ons",
        ),
        ("team", "text", (_names("team, team name, teamnaam, afdeling, department, groep"),), "team", "team"),
        (
            "from_on",
            "date",
            (_names("from, van, vanaf, from on, since, sinds, start date, startdatum, ingangsdatum, valid from"),),
            "first day",
            "eerste dag",
        ),
        (
            "until_on",
            "date",
            (_names("until, tot, until on, end date, einddatum, valid until, valid to"),),
            "day after the last",
            "dag na de laatste",
        ),
    ),
    "customer_plans": (
        ("customer", "text", (_CUSTOMER_ID, _CUSTOMER), "customer", "klant"),
        ("customer_name", "text", (_CUSTOMER_NAME,), "customer's name", "naam van de klant"),
        (
            "year",
            "number",
            (_names("year, jaar, plan year, planjaar, calendar year, kalenderjaar"),),
            "year that it is about",
            "jaar waarover het gaat",
        ),
        (
            "from_on",
            "date",
            (
                _names(
                    "from, van, vanaf, from on, start date, startdatum, begindatum, period start, begin periode"
                ),
            ),
            "first day",
            "eerste dag",
        ),
        (
            "until_on",
            "date",
            (_names("until, tot, until on, end date, einddatum, period end, einde periode"),),
            "day after the last",
            "dag na de laatste",
        ),
        (
            "amount",
            "amount",
            (
                _names(
                    "planned amount, gepland bedrag, stated amount, genoemd bedrag, planned revenue, geplande "
                    "omzet, plan amount, planbedrag, budget, begroting, begroot bedrag, jaarbedrag, stated"
                ),
                _names("expected revenue, verwachte omzet, year plan, jaarplan, plan"),
                _names("amount, bedrag, revenue, omzet, value, waarde"),
            ),
            "what they plan to buy",
            "wat ze van plan zijn te kopen",
        ),
        (
            "stated_on",
            "date",
            (
                _names(
                    "stated on, genoemd op, said on, gezegd op, opgegeven op, planned on, plan date, datum plan, "
                    "date of conversation, gespreksdatum, datum gesprek, talked on, besproken op"
                ),
            ),
            "day they said so",
            "dag waarop ze het zeiden",
        ),
        ("currency", "currency", _CURRENCY, "currency", "valuta"),
    ),
    "contact_moments": (
        ("moment", "text", (_names("activity id, record id, id, engagement id, moment"),), "number", "nummer"),
        (
            "on",
            "date",
            (
                _names(
                    "completed date time, completion date, marked as done time, completed at, "
                    "datum contact, contactdatum, contact date"
                ),
                _names("activity date"),
                _names(
                    "due date, date, datum, on, timestamp, property hs timestamp, scheduled at, activity due date"
                ),
                _names("created date, create date, creation date, occurred at"),
            ),
            "day",
            "dag",
        ),
        (
            "channel",
            "choice",
            (_names("channel, kanaal, activity type, type, task subtype, soort, task type"),),
            "channel",
            "kanaal",
        ),
        ("customer", "text", (_CUSTOMER_ID, (*_CUSTOMER, *_CUSTOMER_NAME)), "customer", "klant"),
        ("contact", "text", _CONTACT_LINK, "contact", "contactpersoon"),
        ("deal", "text", _DEAL_LINK, "deal", "aanvraag"),
        (
            "person",
            "text",
            (
                (
                    *_names("activity assigned to, assigned to, assigned to user, assignee"),
                    *_OWNER,
                    *_names("medewerker, person"),
                ),
            ),
            "who of us",
            "wie van ons",
        ),
        (
            "subject",
            "text",
            (_names("subject, onderwerp, title, titel, task title, activity title"),),
            "subject",
            "onderwerp",
        ),
        (
            "note",
            "text",
            (_names("note, body, notitie, description, omschrijving, task body, content, verslag, memo"),),
            "note",
            "notitie",
        ),
    ),
}
