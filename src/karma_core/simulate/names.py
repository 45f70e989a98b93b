"""Names of invented companies, people and places; any likeness to a real firm is chance."""

import re
import unicodedata

import numpy as np
import numpy.typing as npt
import polars as pl

from karma_core.simulate.trade import SEGMENTS

Ints = npt.NDArray[np.int64]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


FIRST_NAMES = _listed(
    "Anouk, Arjan, Bart, Bas, Bianca, Bram, Carlijn, Chantal, Daan, Dennis, Eline, Emre, Erik, Esther, "
    "Eva, Fatima, Femke, Ferry, Floor, Frank, Gerda, Gijs, Hanneke, Harm, Henk, Hilde, Ilse, Imane, "
    "Ineke, Ingrid, Ivo, Jaap, Jasper, Jelle, Jolanda, Jorrit, Judith, Kees, Kim, Koen, Lars, Laura, "
    "Leon, Linda, Lotte, Maarten, Manon, Marco, Mariska, Martijn, Mehmet, Merel, Michiel, Mirjam, Nadia, "
    "Niels, Nienke, Noor, Olga, Patrick, Peter, Petra, Pieter, Ramon, Renske, Rik, Rob, Roos, Ruben, "
    "Ruud, Samira, Sander, Saskia, Sjoerd, Sven, Tamara, Teun, Thijs, Tom, Veerle, Vincent, Wendy, "
    "Wouter, Yasmin, Yvonne"
)
SURNAMES = _listed(
    "Aalders, van den Akker, van Asselt, Bakker, Beekman, van den Berg, Blom, Boersma, van Bommel, de "
    "Boer, Boonstra, Bos, Bosman, Brands, Brouwer, de Bruin, van Buren, Claessens, Coenen, van Dam, "
    "Dekker, van Dijk, Dijkstra, Doornbos, van Eck, Elzinga, van Essen, Faber, Franken, de Geus, "
    "Gerritsen, de Graaf, Groen, de Groot, Haan, van der Heide, Hendriks, Hermans, van der Hoek, "
    "Hoekstra, Hofman, Huisman, Jacobs, Jansen, de Jong, Kamphuis, Kok, Kooistra, Koster, Kramer, Kuiper, "
    "Kuipers, de Lange, van Leeuwen, Lubbers, Maas, Martens, Meijer, van der Meer, Mensink, Meulenbelt, "
    "Mol, Mulder, Nijhuis, Nijland, Oosterhof, Oosting, van Ommen, Peeters, Peters, Postma, Prins, "
    "Reinders, Rietveld, Roelofs, van Rijn, Sanders, Schipper, Scholten, Schouten, Simons, Smeets, Smit, "
    "Snijders, Stam, Terpstra, Timmermans, Tuinstra, Veenstra, van der Veen, Verbeek, Verhoeven, "
    "Vermeulen, Visser, Vos, de Vries, van Vliet, Wagenaar, Wessels, Westra, Wiersma, Willems, de Wit, "
    "van der Wal, Wolters, Ypma, van Zanten, Zijlstra, Zuidema"
)
PLACE_STARTS = _listed(
    "Berken, Blauw, Broek, Duin, Eike, Els, Geest, Grave, Haver, Hazel, Heer, Koren, Krane, Kruis, Lente, "
    "Linde, Maan, Meer, Molen, Olden, Rave, Riet, Rogge, Schans, Sparre, Ster, Toren, Turf, Veld, Vinken, "
    "Vlas, Wilge, Zande, Zilver, Zomer, Zwane"
)
PLACE_ENDS = _listed(
    "berg, beek, brug, dam, dijk, drecht, ga, hage, hoek, holt, horst, kerk, laar, lo, mond, rode, veen, "
    "vliet, waard"
)
PLACES = tuple(start + end for start in PLACE_STARTS for end in PLACE_ENDS)
HOUSES = _listed(
    "De Akkers, De Beuk, De Brug, De Ceder, De Dageraad, De Eik, De Es, De Gaarde, De Horizon, De Kade, "
    "De Kastanje, De Klimop, De Linde, De Meent, De Merel, De Morgen, De Parel, De Populier, De "
    "Regenboog, De Schakel, De Sleutel, De Sluis, De Spil, De Toekomst, De Vaart, De Valk, De Veste, De "
    "Vlinder, De Werf, De Wilg, De Wissel, De Zonnewijzer, Het Anker, Het Baken, Het Kompas, Het Palet, "
    "Het Veer, Ons Erf, Ons Thuis"
)
FORMS: tuple[tuple[str, ...], ...] = (
    (
        "{s} Installaties",
        "{s} Klimaattechniek",
        "{s} Installatietechniek",
        "{s} Loodgieters",
        "Gebr. {s} Installatie",
        "{s} & Zn. Verwarming",
        "{s} Elektro",
        "Technisch Bureau {s}",
        "{p} Warmtetechniek",
        "{s} Luchttechniek",
    ),
    (
        "Bouwbedrijf {s}",
        "Aannemersbedrijf {s}",
        "{s} Bouw",
        "{s} Bouw en Onderhoud",
        "Gebr. {s} Bouw",
        "{p} Bouwgroep",
        "{s} Renovatie",
        "{s} Woningbouw",
    ),
    ("Woonstichting {h}", "Wonen {p}", "{p} Wonen", "Woningstichting {p}", "Stichting {h} {p}"),
    (
        "Basisschool {h}",
        "Zorggroep {p}",
        "Woonzorgcentrum {h}",
        "{p} College",
        "Kindcentrum {h}",
        "Scholengroep {p}",
        "Thuiszorg {p}",
    ),
    (
        "{s} Metaal",
        "{s} Kunststoffen",
        "{p} Verpakkingen",
        "Machinefabriek {s}",
        "{s} Zuivel",
        "{s} Machinebouw",
        "{p} Foods",
        "{s} Coatings",
        "Drukkerij {s}",
    ),
    (
        "Kwekerij {s}",
        "{s} Tomaten",
        "Maatschap {s}",
        "{s} Orchideeën",
        "Gebr. {s} Paprika",
        "Kwekerij {p}",
        "Melkveehouderij {s}",
        "{s} Potplanten",
    ),
    (
        "{s} Vastgoedbeheer",
        "{s} VvE Beheer",
        "{p} Beheer",
        "{s} Vastgoed",
        "Beheermaatschappij {p}",
        "{s} & Partners Vastgoed",
    ),
    (
        "Hotel {h}",
        "Restaurant {h}",
        "Bakkerij {s}",
        "{s} Woonwinkel",
        "Brasserie {h}",
        "Sportcentrum {p}",
        "{s} Tuincentrum",
    ),
)
JOB_TITLES = ("Inkoper", "Technisch manager", "Directeur", "Projectleider", "Hoofd facilitair", "Werkvoorbereider")


def draw_company_names(rng: np.random.Generator, segment: Ints, *, known: tuple[str, ...] = ()) -> pl.DataFrame:
    """Draw a name and a place for each customer; names are unique, and the first are those `known`.

    `segment` holds each customer's place in SEGMENTS. Returns `name, city, domain`. Names that occur twice get
    their place, and what is then still double a number.
    """
    n = len(segment)
    surname, place, house = (rng.integers(0, len(words), n) for words in (SURNAMES, PLACES, HOUSES))
    form = (rng.random(n) * np.array([len(forms) for forms in FORMS])[segment]).astype(np.int64)
    starts = np.cumsum([0, *(len(forms) for forms in FORMS)])[: len(SEGMENTS)]
    patterns = pl.Series([pattern for forms in FORMS for pattern in forms])
    parts = pl.DataFrame(
        {
            "name": patterns.gather(starts[segment] + form),
            "s": pl.Series([_capital(name) for name in SURNAMES]).gather(surname),
            "city": pl.Series(PLACES).gather(place),
            "h": pl.Series(HOUSES).gather(house),
        }
    )
    filled = parts.select(_fill("name", {"{s}": "s", "{p}": "city", "{h}": "h"}).alias("name"), "city")
    given = pl.Series("given", [*known, *[None] * (n - len(known))], dtype=pl.String)
    return _with_domain(_unique(filled.with_columns(pl.coalesce(given, "name").alias("name"))))


def _capital(surname: str) -> str:
    return surname[0].upper() + surname[1:]


def _fill(column: str, holes: dict[str, str]) -> pl.Expr:
    filled = pl.col(column)
    for hole, source in holes.items():
        filled = filled.str.replace(hole, pl.col(source), literal=True)
    return filled


def _unique(frame: pl.DataFrame) -> pl.DataFrame:
    again = pl.col("name").is_first_distinct().not_()
    placed = frame.with_columns(
        pl.when(again).then(pl.concat_str("name", pl.lit(" "), "city")).otherwise("name").alias("name")
    )
    counted = placed.with_columns(pl.col("name").cum_count().over("name").alias("nth"))
    return counted.with_columns(
        pl.when(pl.col("nth") > 1)
        .then(pl.concat_str("name", pl.lit(" "), pl.col("nth").cast(pl.String)))
        .otherwise("name")
        .alias("name")
    ).drop("nth")


def _with_domain(frame: pl.DataFrame) -> pl.DataFrame:
    slug = (
        pl.col("name")
        .str.to_lowercase()
        .str.replace_all("ë", "e")
        .str.replace_all("[^a-z0-9]+", "-")
        .str.strip_chars("-")
    )
    return frame.with_columns(pl.concat_str(slug, pl.lit(".example")).alias("domain"))


def address(name: str, *, domain: str) -> str:
    """The e-mail address of a person at a domain.

    >>> address("Karim El Amrani", domain="noorderlicht.example")
    'karim.el.amrani@noorderlicht.example'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return f"{re.sub('[^a-z0-9]+', '.', plain).strip('.')}@{domain}"


def draw_person_names(rng: np.random.Generator, n: int, *, taken: tuple[str, ...]) -> list[str]:
    """Draw `n` names of people, all different and none of those taken."""
    every = [f"{first} {last}" for last in SURNAMES for first in FIRST_NAMES]
    free = [name for name in every if name not in set(taken)]
    order = rng.permutation(len(free))[: min(n, len(free))]
    names = [free[place] for place in order]
    return names + [f"{names[i % len(names)]} {i // len(names) + 1}" for i in range(len(names), n)]
