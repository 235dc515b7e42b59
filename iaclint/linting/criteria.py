"""The trust services criteria: their names, and short titles in our own words (the criteria are the AICPA's text).

The names are those of the 2017 Trust Services Criteria with the points of focus of 2022:
https://www.aicpa-cima.com/resources/download/2017-trust-services-criteria-with-revised-points-of-focus-2022
"""

from __future__ import annotations

_TITLES = {
    "CC1.3": "Structures, authority and responsibility",
    "CC2.1": "Information that controls run on",
    "CC2.2": "Communication inside the organization",
    "CC3.1": "Objectives against which risk is judged",
    "CC3.2": "Risks are found and analysed",
    "CC3.3": "Fraud is considered among the risks",
    "CC3.4": "Changes that bring risk are noticed",
    "CC4.1": "Controls are evaluated",
    "CC4.2": "Deficiencies are reported",
    "CC5.1": "Controls are chosen to reduce risk",
    "CC5.2": "General controls over technology",
    "CC6.1": "Logical access to protected assets",
    "CC6.2": "Users are registered and removed",
    "CC6.3": "Access follows roles and least privilege",
    "CC6.4": "Physical access",
    "CC6.5": "Disposal of assets",
    "CC6.6": "Protection at the system's boundary",
    "CC6.7": "Data is protected where it moves",
    "CC6.8": "Unauthorized software is prevented or found",
    "CC7.1": "Changes and new weaknesses are detected",
    "CC7.2": "Systems are monitored for anomalies",
    "CC7.3": "Security events are evaluated",
    "CC7.4": "Incidents are responded to",
    "CC7.5": "Recovery from incidents",
    "CC8.1": "Changes are authorized, tested and approved",
    "CC9.1": "Risk of disruption is reduced",
    "CC9.2": "Risk from vendors and partners",
    "A1.1": "Capacity is watched and managed",
    "A1.2": "Environment, backup and recovery",
    "A1.3": "Recovery is tested",
    "C1.1": "Confidential information is protected",
    "C1.2": "Confidential information is disposed of",
    "PI1.1": "Quality of the information for processing",
    "PI1.2": "Inputs are complete and accurate",
    "PI1.3": "Processing is as specified",
    "PI1.4": "Output is complete, accurate and timely",
    "PI1.5": "Stored inputs and outputs are protected",
}
_COUNTS = {
    "CC1": 5,
    "CC2": 3,
    "CC3": 4,
    "CC4": 2,
    "CC5": 3,
    "CC6": 8,
    "CC7": 5,
    "CC8": 1,
    "CC9": 2,
    "A1": 3,
    "C1": 2,
    "PI1": 5,
    "P1": 1,
    "P2": 1,
    "P3": 2,
    "P4": 3,
    "P5": 2,
    "P6": 7,
    "P7": 1,
    "P8": 1,
}
"""How many criteria each series has."""
CRITERIA = frozenset(f"{series}.{number}" for series, count in _COUNTS.items() for number in range(1, count + 1))
"""The names of all 61 criteria."""

_CATEGORIES = {
    "CC": "Common criteria",
    "A": "Availability",
    "C": "Confidentiality",
    "PI": "Processing integrity",
    "P": "Privacy",
}


def title(criterion: str) -> str:
    """Return a few words on what a criterion is about, or its category if there is no title for it."""
    category = criterion.rstrip("0123456789.")
    return _TITLES.get(criterion) or _CATEGORIES.get(category, "Trust services criterion")
