"""The text that lies beside the invented company's files, in Dutch and in English."""

README = """\
Noorderlicht Techniek
=====================

Dit bedrijf bestaat niet. Noorderlicht Techniek is een verzonnen technische groothandel met installatie en
service, gemaakt met `karma simulate`. Alle namen van mensen, bedrijven en plaatsen zijn verzonnen; lijkt er een op
een echte, dan is dat toeval.

hubspot/   zoals HubSpot exporteert: komma's, Engelse kopjes, tijden als 2026-09-01 08:00
  deals.csv                aanvragen; Close Date van een open aanvraag is de dag die de verkoper verwacht
  deal-stage-history.csv   elke wijziging van fase, bedrag, kans en verwachte dag
  companies.csv            klanten en mogelijke klanten; Record ID is het klantnummer uit het ERP
  contacts.csv             mensen bij de klant
  activities.csv           telefoontjes, mails, bezoeken en besprekingen
erp/       zoals een Nederlands ERP exporteert: puntkomma's, decimale komma's, dd-mm-jjjj
  verkoopregels.csv        factuurregels met kostprijs; een creditering is een negatieve regel, balieverkoop heeft
                           geen klant, extra montage-uren hebben wel kosten maar geen bedrag
  klanten.csv              klanten met segment (oude Windows-codering, zoals dat gaat)
  medewerkers.csv          mensen, functies en teams met data; wie van team wisselde staat er tweemaal in
  verantwoordelijken.csv   wie voor welke klant zorgt, van wanneer tot wanneer
  offertes.csv  toezeggingen.csv  jaarplannen.csv
truth/     wat niemand in het bedrijf kan weten: wie werkelijk beter is, welke leads beter zijn, wie echt weg is en
           wat de markt deed. Alleen om modellen te beoordelen; importeer dit niet.

This company does not exist. Noorderlicht Techniek is an invented technical wholesaler with installation and
service, made with `karma simulate`. All names of people, firms and places are invented; any likeness is chance.

hubspot/   as HubSpot exports: commas, English headers, times as 2026-09-01 08:00
  deals.csv                deals; the Close Date of an open deal is the day that the seller expects
  deal-stage-history.csv   every change of stage, amount, chance and expected day
  companies.csv            customers and prospects; Record ID is the customer number of the ERP
  contacts.csv             people at the customer
  activities.csv           calls, mails, visits and meetings
erp/       as a Dutch ERP exports: semicolons, decimal commas, dd-mm-yyyy
  verkoopregels.csv        invoice lines with cost; a credit is a negative line, counter sales have no customer,
                           extra installation hours have cost and no amount
  klanten.csv              customers with segment (old Windows encoding, as it goes)
  medewerkers.csv          people, functions and teams with dates; who changed team is in it twice
  verantwoordelijken.csv   who looks after which customer, from when until when
  offertes.csv (quotes)  toezeggingen.csv (promises)  jaarplannen.csv (customers' year plans)
truth/     what nobody in the company can know: who is really better, which leads are, who has really left and what
           the market did. Only for judging models; do not import it.
"""
