#!/usr/bin/env bash
# Renders the drawings that window managers and trays want as pictures. Run it after
# changing assets/icon.svg or assets/tray/*.svg, and commit what it writes.
# It needs rsvg-convert (apt install librsvg2-bin).
set -euo pipefail
cd "$(dirname "$0")/../assets"
rsvg-convert -w 512 -h 512 icon.svg -o icon.png
for drawing in tray/*.svg; do
  rsvg-convert -w 64 -h 64 "$drawing" -o "${drawing%.svg}.png"
done
