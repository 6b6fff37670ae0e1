"""Where an asset stands: an ISO 3166 code, a country (`US`, `GB`) or a subdivision of one (`US-TX`, `CA-QC`)."""

from __future__ import annotations

import re

_ASSIGNED = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK
CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS
GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV
LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR
TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
_AMERICAN = """
AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT
VT VA WA WV WI WY AS GU MP PR UM VI
"""
COUNTRIES = frozenset(_ASSIGNED.split())
"""ISO 3166-1 alpha-2, the officially assigned codes."""

_STATES = frozenset(_AMERICAN.split())
"""ISO 3166-2:US: states, district and outlying areas. A territory written `US-PR` is in the US, one written `PR` is not."""

_CODE = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")


def country_of(code: str) -> str | None:
    """The country of a code; None when the text is no ISO 3166 code."""
    found = _CODE.fullmatch(code)
    if found is None or found[1] not in COUNTRIES or (found[1] == "US" and found[2] is not None and found[2] not in _STATES):
        return None
    return found[1]


def lies_in(code: str, region: str) -> bool | None:
    """Whether what stands at `code` lies in `region`; None where the code is none, or too wide to tell (`US` and `US-TX`)."""
    if country_of(code) is None:
        return None
    if code == region or code.startswith(f"{region}-"):
        return True
    return None if region.startswith(f"{code}-") else False
