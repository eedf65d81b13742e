#!/bin/sh
# checkcorpus.sh HI5 CORPUS - run `hi5 check` and `hi5 map` over a corpus of real files
#
# CORPUS has files/, dev.txt (good files), dev-bad.txt (broken ones) and manifest.tsv
# (column open_as). A good file must have no error, and each of its bytes one owner; a
# broken one must have an error. Prints the files that differ, then the counts.
set -u
hi5=$1
corpus=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The driver and the name to open a file by.
spread() {
    awk -F '\t' -v n="$1" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == "open_as") col = i }
        $1 == n && $col ~ /^(family|split|multi):/ { print $col }' "$corpus/manifest.tsv"
}

good=0 sound=0 whole=0 bad=0 found=0
while IFS='	' read -r name _; do
    good=$((good + 1))
    how=$(spread "$name")
    set -- "$name"
    [ -z "$how" ] || set -- --vfd "${how%%:*}" "$(dirname "$name")/${how#*:}"
    (cd "$corpus/files" && "$hi5" check "$@") >"$work/out" 2>&1
    if [ $? -le 1 ]; then
        sound=$((sound + 1))
    else
        echo "not sound: $name: $(grep -m 1 'error' "$work/out")"
    fi
    (cd "$corpus/files" && "$hi5" map --json "$@") 2>/dev/null | awk '
        /"file_size"/ {
            gsub(/[^0-9,:a-z_]/, "")
            n = split($0, part, ",")
            for (i = 1; i <= n; i++)
                if (split(part[i], kv, ":") == 2)
                    v[kv[1]] = kv[2]
        }
        END { exit v["file_size"] == "" || v["overlaps"] != 0 ||
              v["accounted"] + v["free"] + v["lost"] != v["file_size"] }' &&
        whole=$((whole + 1)) || echo "not covered: $name"
done <"$corpus/dev.txt"
while IFS='	' read -r name _; do
    bad=$((bad + 1))
    (cd "$corpus/files" && "$hi5" check "$name") >"$work/out" 2>&1
    if [ $? -ge 2 ]; then
        found=$((found + 1))
    else
        echo "no error: $name"
    fi
done <"$corpus/dev-bad.txt"
echo "$sound of $good good files have no error; $whole are accounted for to the byte"
echo "$found of $bad broken files have an error"
