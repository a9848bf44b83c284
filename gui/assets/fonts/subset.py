#!/usr/bin/env python3
"""Cuts NotoSansSC-subset.otf, the Chinese of the window, out of Noto Sans CJK.

    python3 gui/assets/fonts/subset.py [NotoSansCJK-Regular.ttc]

Run it when a test says that a character is not covered, and commit the font that it writes beside itself. It needs

- Noto Sans CJK: Debian's package fonts-noto-cjk, or the path of NotoSansCJK-Regular.ttc;
- fonttools: `pip install fonttools`.

It installs and downloads nothing. The font holds GB2312's level 1 (3755 characters, those of everyday text), the
punctuation and the full-width forms of Chinese text, and every other character that stands in a scenario or in a source
of ours. The same sources, the same Noto and the same fonttools give the same bytes. OFL.txt is the font's licence.
"""

import sys
from pathlib import Path

try:
    from fontTools.subset import main as subset
    from fontTools.ttLib import TTFont
except ImportError:
    sys.exit("fonttools is missing: pip install fonttools")

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TARGET = HERE / "NotoSansSC-subset.otf"
# What people read comes from these.
SOURCES = ["scenarios/**/*.toml", "sim/src/**/*.rs", "gui/src/**/*.rs", "gui/tests/**/*.rs"]
# Noto's collection holds a face for each region: this one draws as mainland China writes.
SIMPLIFIED_CHINESE = 2


def gb2312(rows):
    """The characters of GB2312's rows, each of up to 94."""
    for row in rows:
        for cell in range(1, 95):
            try:
                yield bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312")
            except UnicodeDecodeError:
                pass  # A cell without a character.


def wanted():
    """Every character that the font should hold, in order. Latin letters are egui's."""
    characters = set(gb2312([1, 3]))  # punctuation and signs, full-width forms
    characters.update(gb2312(range(16, 56)))  # level 1
    characters.update(chr(code) for code in range(0x3000, 0x3020))  # brackets that GB2312 lacks
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            characters.update(path.read_text(encoding="utf-8"))
    return sorted(character for character in characters if ord(character) > 0x7F)


def source():
    """Where Noto Sans CJK is."""
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    for folder in ["opentype/noto", "noto-cjk", "google-noto-cjk", "google-noto-sans-cjk-fonts", "noto"]:
        path = Path("/usr/share/fonts") / folder / "NotoSansCJK-Regular.ttc"
        if path.exists():
            return path
    sys.exit("Noto Sans CJK is missing: apt-get install fonts-noto-cjk, or give the path of NotoSansCJK-Regular.ttc")


def main():
    characters = wanted()
    path = source()
    held = TTFont(path, fontNumber=SIMPLIFIED_CHINESE).getBestCmap()
    subset([
        str(path),
        f"--font-number={SIMPLIFIED_CHINESE}",
        "--unicodes=" + ",".join(f"{ord(character):x}" for character in characters),
        f"--output-file={TARGET}",
        "--layout-features=",  # egui places a Chinese character by its width alone
        "--no-hinting",
        "--desubroutinize",
        "--drop-tables+=vhea,vmtx,VORG,GSUB,GPOS,BASE",
        "--no-recalc-timestamp",
        "--name-IDs=0,1,2,3,4,5,6,13,14",  # 13 and 14: under which licence
    ])
    missing = [character for character in characters if ord(character) not in held]
    print(f"{TARGET.name}: {len(characters) - len(missing)} characters, {TARGET.stat().st_size} bytes")
    if missing:
        print("Noto Sans CJK has none of:", " ".join(missing))


main()
