"""The codes of a plan reading in words, Dutch and English, written for people."""

from karma_core.words import Sentence

MISSING = {
    "cost": Sentence(
        "Van te veel omzet ontbreekt de kostprijs. Daarom gaat dit plan over omzet en niet over marge.",
        "The cost of too much revenue is missing. That is why this plan is about revenue and not about margin.",
    ),
    "last_year": Sentence(
        "De gegevens dekken niet de hele periode van een jaar eerder. Een vergelijking met vorig jaar ontbreekt.",
        "The data do not cover the whole of this period a year earlier, so there is no comparison with last year.",
    ),
    "season": Sentence(
        "Er zijn nog geen twee jaar gegevens: een seizoen is nog niet te zien. De bandbreedte is daarom ruimer.",
        "There are not yet two years of data, so a season cannot be seen yet. The range is wider for it.",
    ),
    "deals": Sentence(
        "Er zijn geen aanvragen gegeven. Wat daaruit komt, zit in de aankopen van klanten.",
        "No deals were given. What comes of them is part of what customers buy.",
    ),
    "deal_links": Sentence(
        "De aanvragen zijn niet aan aankopen te koppelen. Ze tellen niet apart mee, want dan telden ze dubbel.",
        "The deals cannot be tied to purchases. They do not count apart, since they would count twice.",
    ),
    "deal_amounts": Sentence(
        "De meeste aanvragen hebben geen bedrag. Hun waarde is geschat uit wat er wel bekend is.",
        "Most deals have no amount. Their value is estimated from what is known.",
    ),
    "credits": Sentence(
        "Er zijn geen creditregels. Wat er na de handtekening aan marge verloren gaat, is dus niet te zien.",
        "There are no credit lines, so what margin is lost after the signature cannot be seen.",
    ),
    "invoices": Sentence(
        "Er zijn geen verkoopregels. Een aanvraag telt met zijn hele bedrag op de dag dat hij gewonnen is.",
        "There are no lines of sale. A won deal counts with its whole amount on the day that it was won.",
    ),
    "purchases": Sentence(
        "Er zijn geen aankopen van vóór de peildatum.",
        "There are no purchases from before the as-of date.",
    ),
}

WARNINGS = {
    "cost_filled": Sentence(
        "Van een klein deel van de omzet ontbreekt de kostprijs. Die is aangevuld naar het segment.",
        "A small part of the revenue has no cost. It was filled with the segment's share.",
    ),
    "short_history": Sentence(
        "De geschiedenis is kort. De bandbreedte is daarom ruim.",
        "The history is short. The range is wide for it.",
    ),
    "quiet_before_as_of": Sentence(
        "Vlak voor de peildatum staan er langer dan gewoonlijk geen aankopen. "
        "Is de export volledig, dan ligt de markt stil.",
        "There are no purchases just before the as-of date, for longer than usual. "
        "If the export is complete, the market has stopped.",
    ),
    "no_customer": Sentence(
        "Een deel van de omzet staat op geen enkele klant. Het telt mee in het totaal, als bestaande klanten.",
        "Part of the revenue belongs to no customer. It counts in the total, under existing customers.",
    ),
    "too_few_won_deals": Sentence(
        "Er zijn minder dan 50 gewonnen aanvragen. Dat is te weinig om er veel over te zeggen.",
        "There are fewer than 50 won deals. That is too little data to say much.",
    ),
    "deals_look_ahead": Sentence(
        "De aanvragen komen uit een export van na de peildatum. Wat daarna veranderd kan zijn, is niet gebruikt.",
        "The deals come from an export made after the as-of date. What may have changed since was not used.",
    ),
    "deals_undated": Sentence(
        "Van een deel van de aanvragen ontbreekt de begin- of einddatum. Die tellen niet mee.",
        "Some deals lack the day they opened or closed. They do not count.",
    ),
    "few_customers": Sentence(
        "Het gaat om weinig klanten. Eén klant kan het verschil maken.",
        "There are few customers. A single one can make the difference.",
    ),
    "one_large_customer": Sentence(
        "Meer dan een derde van de omzet van het laatste jaar komt van één klant. Wat die doet, weegt dus zwaar.",
        "More than a third of last year's revenue came from one customer. What they do weighs heavily.",
    ),
    "far_ahead": Sentence(
        "De periode reikt verder vooruit dan de geschiedenis kan toetsen. De bandbreedte is daarom ruim.",
        "The period reaches further ahead than the history can test. The range is wide for it.",
    ),
    "plans_unproven": Sentence(
        "Van klantplannen is nog niet te zien hoe eerdere uitkwamen. Daarom tellen ze voorzichtig mee.",
        "It cannot be seen yet how earlier plans of customers came true. That is why they count with caution.",
    ),
    "held_by_capacity": Sentence(
        "In een deel van de mogelijke uitkomsten komen er meer nieuwe klanten en aanvragen dan het team "
        "kan oppakken. Wat erboven komt telt niet mee.",
        "In a part of what may come there is more new business than the team can take up. "
        "What comes above that does not count.",
    ),
    "held_by_market_potential": Sentence(
        "In een deel van de mogelijke uitkomsten brengen nieuwe klanten meer dan er in de markt te winnen is. "
        "Wat erboven komt telt niet mee.",
        "In a part of what may come new business brings more than there is to win in the market. "
        "What comes above that does not count.",
    ),
    "widened": Sentence(
        "Eerdere bandbreedtes van deze lengte zaten er duidelijk te vaak naast. Daarom zijn deze ruimer gemaakt.",
        "Earlier ranges of this length clearly missed too often. That is why these were made wider.",
    ),
    "season_held_out": Sentence(
        "De periode valt in een deel van het jaar dat nog maar één keer te zien was.",
        "The period falls in a part of the year that was seen only once so far.",
    ),
}


def in_words(code: str) -> Sentence:
    """The sentence of a code of `missing` or `warnings`. Raises KeyError for a code that nobody wrote.

    >>> in_words("short_history").en
    'The history is short. The range is wide for it.'
    """
    return MISSING[code] if code in MISSING else WARNINGS[code]
