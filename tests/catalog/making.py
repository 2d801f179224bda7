"""A sound little catalogue as text, and the means to spoil it file by file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from data.catalog.loader import CatalogError, read_files

REGIONS = """
[[region]]
id = "back"
name = "Back"

[[region]]
id = "mid_back"
parent = "back"
name = "Mid back"
muscles = ["rhomboids"]
ask_first = ["trauma"]
"""
MUSCLES = '[[muscle]]\nid = "rhomboids"\nname = "Rhomboids"\nregions = ["mid_back"]\n'
EQUIPMENT = '[[equipment]]\nid = "mat"\nname = "Mat"\n'
CAUSES = '[[cause]]\nid = "rowing"\nname = "Rowing machine"\nregions = { mid_back = 1.0 }\nmechanical = true\n'
STOP_RULES = '[[stop_rule]]\nid = "sharp_pain"\ntext = "Stop if it turns sharp."\n'
PROPERTIES = """
[[property]]
id = "sc-prot"
name = "Shoulder blades apart"
phrase = "draws the shoulder blades apart"

[[property]]
id = "t-flex"
name = "Upper back rounding"
phrase = "rounds the upper back"

[[property]]
id = "static"
name = "Static stretch"
phrase = "holds a stretch without moving"
derived = true
"""
CONDITIONS = """
[[condition]]
id = "vert_fracture"
name = "Vertebral fracture"
forbid = ["t-flex"]
because = "No bending."
source = "Usual practice"

[[condition]]
id = "fragile_spine"
name = "Fragile spine"
unites = ["vert_fracture"]
because = "No bending."
source = "Usual practice"

[[condition]]
id = "strain"
name = "Strain"
regions = ["mid_back"]
scoped = true
forbid = ["static+mid_back"]
because = "No stretching."
source = "Usual practice"

[[condition]]
id = "fibromyalgia"
name = "Fibromyalgia"
favour = ["sc-prot"]
because = "Gentle work."
source = "Usual practice"
"""
TUNING = 'source = "Usual practice"\n[values]\npain_most = 5\n[texts]\nfallback = "Call."\n'
NUMBERS = '[[numbers]]\ncountry = "ZZ"\nemergency = "112"\nsource = "ITU"\n'
EXERCISE = """
id = "mid-back-reach"
name = "Mid-Back Reach"
summary = "A standing stretch for the middle of the back."
setup = "Stand with room around you."
steps = ["Clasp the hands in front of you.", "Reach forward."]
cues = ["Slowly."]
mistakes = ["Bouncing."]
feel = "A pull between the shoulder blades."
breathing = "Breathe out."
stop_if = ["sharp_pain"]
kind = "static_stretch"
movements = ["scapular protraction"]
position = "standing"
space = "spot"
level = 1
properties = ["sc-prot", "t-flex"]
causes = ["rowing"]
conditions = ["fibromyalgia"]
evidence = "expert_opinion"
source = "Usual practice"
revised_on = 2026-11-22

[regions]
mid_back = 1.0

[muscles]
primary = ["rhomboids"]

[device]
healthkit = "flexibility"
health_connect_segment = "stretching"

[dosage.general]
hold_seconds = [10, 20]
repetitions = [3, 5]
"""
FILES = {
    "regions.toml": REGIONS,
    "muscles.toml": MUSCLES,
    "equipment.toml": EQUIPMENT,
    "causes.toml": CAUSES,
    "stop_rules.toml": STOP_RULES,
    "properties.toml": PROPERTIES,
    "conditions.toml": CONDITIONS,
    "tuning.toml": TUNING,
    "emergency_numbers.toml": NUMBERS,
    "exercises/mid-back-reach.toml": EXERCISE,
}
CONCEPT = '[[concept]]\nid = "stiff"\nkind = "quality"\nphrases = ["stiff"]\n'

Folder = Callable[..., Path]


def findings_of(folder: Path) -> str:
    """Return the findings of a folder that must not load."""
    with pytest.raises(CatalogError) as caught:
        read_files(folder)
    assert str(caught.value) == "\n".join(caught.value.findings)
    return str(caught.value)


def other(old: str, new: str, text: str = EXERCISE) -> str:
    """Return the text with `old` replaced, which must stand in it."""
    assert old in text
    return text.replace(old, new)
