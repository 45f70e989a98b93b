# ruff: noqa: E501 (tables are read by column)
"""What Noorderlicht Techniek trades in: segments, lead sources, stages, products and projects, all invented."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """A group of customers with its own rhythm.

    `share` of all customers; `k` shape of the time between orders (1: like chance, higher: regular);
    `orders_per_year` mean, spread over customers as a gamma of shape `evenness`; `line_eur` mean of an order line;
    `leaves_per_year` rate of leaving; `season` swing around 1 with its `peak_month` (1 is February 1st);
    `deals_per_year` and `project_eur` (median) of its projects; `win_effect` on the log-odds of winning.
    """

    nl: str
    en: str
    share: float
    k: int
    orders_per_year: float
    evenness: float
    line_eur: float
    leaves_per_year: float
    season: float
    peak_month: int
    growth_per_year: float
    deals_per_year: float
    project_eur: float
    win_effect: float
    margin_share: float
    keeps_builders_holiday: bool


SEGMENTS = (
    Segment("Installateurs", "Installers", 0.32, 3, 7.0, 1.6, 560, 0.10, 0.18, 10, 0.02, 0.22, 7500, 0.30, 0.22, True),
    Segment("Aannemers", "Contractors", 0.15, 2, 3.6, 1.2, 820, 0.14, 0.22, 5, -0.01, 0.3, 13500, -0.10, 0.20, True),
    Segment("Woningcorporaties", "Housing associations", 0.06, 2, 4.2, 2.0, 1150, 0.04, 0.15, 9, 0.04, 0.74, 31000, -0.25, 0.24, False),
    Segment("Zorg en onderwijs", "Care and education", 0.11, 1, 2.4, 1.1, 780, 0.07, 0.25, 6, 0.03, 0.46, 19000, 0.05, 0.29, False),
    Segment("Industrie", "Industry", 0.11, 2, 3.6, 1.0, 1300, 0.09, 0.06, 3, 0.00, 0.49, 24000, -0.20, 0.27, False),
    Segment("Glastuinbouw en agrarisch", "Horticulture and farming", 0.08, 2, 3.2, 1.1, 960, 0.09, 0.38, 8, -0.03, 0.41, 21000, 0.10, 0.26, False),
    Segment("Vastgoedbeheer", "Property management", 0.10, 5, 4.0, 3.0, 640, 0.08, 0.08, 10, 0.03, 0.35, 12500, 0.25, 0.30, False),
    Segment("Horeca en retail", "Hospitality and retail", 0.07, 1, 1.5, 0.9, 520, 0.20, 0.20, 4, -0.02, 0.24, 8500, -0.35, 0.31, False),
)  # fmt: skip
"""Made up so that the company turns over EUR 8-15 million with 1,500 customers; no real market is meant."""


@dataclass(frozen=True)
class Source:
    """Where leads come from, how often, and how good they truly are (on the log-odds of winning)."""

    nl: str
    en: str
    share: float
    win_effect: float


SOURCES = (
    Source("Bestaande klant", "Existing customer", 0.24, 0.45),
    Source("Aanbeveling", "Referral", 0.13, 0.60),
    Source("Website", "Website", 0.21, -0.05),
    Source("Adviesbureau", "Consultancy", 0.10, 0.25),
    Source("Beurs", "Trade fair", 0.10, -0.30),
    Source("Aanbesteding", "Tender", 0.08, -0.45),
    Source("Koude acquisitie", "Cold call", 0.08, -0.80),
    Source("Mailing", "Mailing", 0.06, -0.55),
)


@dataclass(frozen=True)
class Stage:
    """A step that a deal goes through, with the chance that sellers say by habit."""

    nl: str
    en: str
    usual_chance: float


STAGES = (
    Stage("Kennismaking", "Introduction", 0.15),
    Stage("Behoefte in kaart", "Needs mapped", 0.30),
    Stage("Offerte uitgebracht", "Quote sent", 0.45),
    Stage("Onderhandeling", "Negotiation", 0.65),
    Stage("Gewonnen", "Won", 1.0),
    Stage("Verloren", "Lost", 0.0),
)
QUOTED, WON, LOST = 2, 4, 5


@dataclass(frozen=True)
class Product:
    """An article: what it costs about, and how its margin share differs from the segment's."""

    code: str
    nl: str
    en: str
    price_eur: float
    weight: float
    margin_offset: float


PRODUCTS = (
    Product("WP-1006", "Warmtepomp lucht-water 6 kW", "Air-to-water heat pump 6 kW", 2450, 0.6, -0.05),
    Product("WP-1010", "Warmtepomp lucht-water 10 kW", "Air-to-water heat pump 10 kW", 3350, 0.4, -0.05),
    Product("WP-1204", "Hybride warmtepomp 4 kW", "Hybrid heat pump 4 kW", 1680, 0.8, -0.04),
    Product("WP-1801", "Boilervat 200 liter", "Hot water tank 200 litres", 690, 0.9, -0.02),
    Product("WP-1850", "Buffervat 100 liter", "Buffer tank 100 litres", 395, 0.9, -0.02),
    Product("LB-2010", "WTW-unit woning 325 m³/h", "Heat recovery unit 325 m³/h", 1120, 0.9, -0.03),
    Product("LB-2035", "Dakventilator 3.500 m³/h", "Roof fan 3,500 m³/h", 860, 0.7, -0.01),
    Product("LB-2101", "Filterset luchtbehandeling G4/F7", "Air handling filter set G4/F7", 74, 3.2, 0.06),
    Product("LB-2140", "Spirobuis 160 mm, per 3 meter", "Spiral duct 160 mm, 3 metres", 21, 2.4, 0.01),
    Product("LB-2155", "Geluiddemper 160 mm", "Silencer 160 mm", 58, 1.4, 0.02),
    Product("LB-2170", "Toevoerventiel 125 mm", "Supply valve 125 mm", 13, 1.6, 0.03),
    Product("MR-3005", "Ruimtethermostaat met CO₂-meting", "Room thermostat with CO₂ sensor", 168, 1.8, 0.04),
    Product("MR-3012", "Regelaar 8 in- en uitgangen", "Controller with 8 inputs and outputs", 540, 1.0, 0.03),
    Product("MR-3030", "Temperatuuropnemer PT1000", "Temperature sensor PT1000", 42, 2.0, 0.05),
    Product("MR-3044", "Drukverschilopnemer", "Differential pressure sensor", 118, 1.1, 0.04),
    Product("MR-3060", "Warmtemeter DN20", "Heat meter DN20", 245, 1.0, 0.01),
    Product("MR-3081", "Regelklep met aandrijving DN25", "Control valve with actuator DN25", 285, 1.2, 0.01),
    Product("PA-4010", "Circulatiepomp 25-60", "Circulation pump 25-60", 215, 2.1, -0.01),
    Product("PA-4025", "Toerengeregelde pomp 40-120", "Variable speed pump 40-120", 1240, 0.7, -0.02),
    Product("PA-4101", "Inregelafsluiter DN20", "Balancing valve DN20", 66, 1.9, 0.00),
    Product("PA-4130", "Kogelkraan DN25", "Ball valve DN25", 17, 2.4, 0.01),
    Product("PA-4166", "Expansievat 35 liter", "Expansion vessel 35 litres", 79, 1.5, 0.00),
    Product("VL-5004", "Vloerverwarmingsverdeler 6 groepen", "Underfloor heating manifold, 6 circuits", 310, 1.3, -0.01),
    Product("VL-5016", "Vloerverwarmingsbuis 16 mm, per 200 meter", "Underfloor heating pipe 16 mm, 200 metres", 155, 1.8, -0.03),
    Product("KL-6003", "Airconditioning split-unit 3,5 kW", "Split air conditioner 3.5 kW", 980, 1.0, -0.03),
    Product("KL-6008", "Fancoilunit plafond", "Ceiling fan coil unit", 720, 0.8, -0.01),
    Product("KL-6050", "Koudemiddelleiding, per 20 meter", "Refrigerant line, 20 metres", 96, 1.3, 0.00),
    Product("EL-7002", "Frequentieregelaar 4 kW", "Frequency converter 4 kW", 465, 0.8, 0.02),
    Product("EL-7015", "Werkschakelaar", "Isolator switch", 29, 1.7, 0.03),
    Product("EL-7040", "Laadpaal 11 kW", "Charging point 11 kW", 890, 0.8, -0.04),
    Product("SV-8001", "Onderhoudsbeurt warmtepomp", "Heat pump service visit", 195, 2.0, 0.10),
    Product("SV-8002", "Onderhoudsbeurt luchtbehandeling", "Air handling service visit", 285, 1.6, 0.10),
    Product("SV-8010", "Storingsbezoek", "Breakdown visit", 165, 1.6, 0.05),
    Product("SV-8020", "Servicecontract, per kwartaal", "Service contract, per quarter", 420, 1.3, 0.12),
    Product("SV-8033", "Inregelen en meetrapport", "Commissioning and test report", 540, 0.8, 0.09),
)  # fmt: skip


@dataclass(frozen=True)
class Project:
    """What is offered in a deal."""

    code: str
    nl: str
    en: str
    share: float


PROJECTS = (
    Project("PR-9010", "Warmtepompinstallatie", "Heat pump installation", 0.22),
    Project("PR-9020", "Luchtbehandeling met montage", "Air handling with installation", 0.17),
    Project("PR-9030", "Meet- en regeltechniek", "Measurement and control", 0.15),
    Project("PR-9040", "Servicecontract drie jaar", "Three-year service contract", 0.12),
    Project("PR-9050", "Verduurzaming ketelhuis", "Low-carbon boiler house", 0.10),
    Project("PR-9060", "Koeling en klimaat", "Cooling and climate", 0.10),
    Project("PR-9070", "Vloerverwarming nieuwbouw", "Underfloor heating for new buildings", 0.08),
    Project("PR-9080", "Energiemonitoring", "Energy monitoring", 0.06),
)
EXTRA_HOURS = ("PR-9990", "Extra montage-uren", "Extra installation hours")
CREDIT_NOTE = ("CR-9999", "Creditering", "Credit note")
COUNTER_SALE = ("BA-0001", "Balieverkoop", "Counter sale")
