#!/usr/bin/env bash
# Makes the pictures and the film of README.md and of the pages beside this file, without a window: the same bytes on each run of one platform.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release -p queuescope-gui
gui="${CARGO_TARGET_DIR:-target}/release/queuescope-gui"

"$gui" picture scenarios/10-slow-consumer.toml --at 20.1s --size 1280x720 -o docs/stage.png
"$gui" picture scenarios/13-accepted-and-lost.toml --at 23.4s --size 1280x720 --theme dark --lang zh -o docs/stage-dark-zh.png
"$gui" movie scenarios/12-failover.toml --from 10.3s --to 15.4s --size 960x540 --scale 0.75 -o docs/film.gif
"$gui" picture scenarios/12-failover.toml --at 3s --select broker1 --press X -o docs/menu.png
"$gui" picture scenarios/12-failover.toml --at 10.5s --press "Ctrl K" --press "'broker1: crash'" --press Enter \
  --press "[" --press "Ctrl K" --press "'shop: twice'" --press Enter -o docs/branches.png
"$gui" picture scenarios/12-failover.toml --at 15s --select shop --press "Ctrl E" -o docs/desk.png
"$gui" picture scenarios/03-flash-sale.toml --at 12s --tab charts --size 1280x960 -o docs/charts.png
"$gui" picture scenarios/13-accepted-and-lost.toml --at 14s --press P -o docs/presenter.png
