"""An exercise that editors have nothing to say about, a second one, and the findings of a folder that holds them."""

from pathlib import Path

from api.rules.properties import all_properties
from data.catalog.quality import examine
from tests.catalog.making import PROPERTIES, Folder, other

SUPPORTED = other(
    'phrase = "rounds the upper back"',
    'phrase = "rounds the upper back"\nsupported_by = ["thoracic flexion", "trunk flexion"]',
    PROPERTIES,
)
SOUND = """\
# Read by an editor.
id = "mid-back-reach"
name = "Mid-Back Reach"
lay_words = [
    "knot beside my shoulder blade",
    "stiff upper back",
    "stretch between the shoulder blades",
]
summary = "A standing stretch for the middle of the back."
setup = "Stand with room around you and let your shoulders drop."
steps = [
    "Clasp your hands in front of your chest with the elbows nearly straight.",
    "Push the hands away until the shoulder blades slide apart, and let the upper back round.",
    "Stay for fifteen quiet seconds, then open your hands and stand up straight.",
]
cues = ["Imagine a barrel in your arms."]
mistakes = ["Bending at the waist."]
feel = "A broad pull between the shoulder blades."
breathing = "Breathe out as you reach."
stop_if = ["sharp_pain"]
kind = "static_stretch"
movements = ["scapular protraction", "thoracic flexion"]
position = "standing"
space = "spot"
level = 1
properties = [
    "sc-prot",
    "t-flex",
]
causes = ["rowing"]
conditions = ["fibromyalgia"]
contraindicated_with = ["vert_fracture"]
evidence = "expert_opinion"
source = "Usual practice"
reviewed_by = "" # nobody yet
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

[[contraindication_notes]]
code = "vert_fracture"
text = "Not after a fracture of the spine."
"""
SECOND = """\
id = "wall-lean"
name = "Wall Lean"
lay_words = ["tired between the shoulders", "rounded at the desk", "open my back at a wall"]
summary = "Leaning on a wall wakes the muscles that hold the ribs up."
setup = "Face a wall at arm's length, feet under your hips."
steps = [
    "Lay both palms on the plaster at the height of your breastbone, fingers pointing to the ceiling.",
    "Without bending an elbow, sink toward the bricks, then press yourself back out as far as you can.",
    "Count to three at the far end before the next one begins.",
]
cues = ["Grow wide across the back."]
mistakes = ["Letting the belly sag."]
feel = "Effort around the ribs under both armpits."
breathing = "In while sinking, out while pressing."
stop_if = ["sharp_pain"]
kind = "strength"
movements = ["scapular protraction"]
position = "standing"
space = "wall"
level = 1
properties = ["sc-prot"]
evidence = "expert_opinion"
source = "Usual practice"
revised_on = 2026-11-22
[regions]
mid_back = 1.0
[muscles]
primary = ["rhomboids"]
[device]
healthkit = "core_training"
health_connect_segment = "other_workout"
[dosage.general]
repetitions = [3, 5]
"""
FIRST_FILE = "exercises/mid-back-reach.toml"
SECOND_FILE = "exercises/wall-lean.toml"


def edited(folder: Folder, first: str = SOUND, second: str = SECOND, **others: str) -> Path:
    """Return a folder of two exercises."""
    files = {"properties": SUPPORTED, "exercises__mid-back-reach": first, "exercises__wall-lean": second, **others}
    return folder(**files)


def said_of(folder: Path) -> list[str]:
    """Return what editors have to mend in a folder, as it is shown."""
    return [str(finding) for finding in examine(folder, all_properties).findings]


def line_of(text: str, part: str) -> int:
    """Return the number of the line that holds the part, which must stand in one line only."""
    (number,) = [at for at, line in enumerate(text.splitlines(), start=1) if part in line]
    return number


def finding(file: str, text: str, marked: str, said: str) -> str:
    """Return a finding as it is shown, at the line of the file's text that holds the marked part."""
    return f"{file}:{line_of(text, marked)}: exercise {Path(file).stem}: {said}"
