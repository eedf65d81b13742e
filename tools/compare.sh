#!/bin/sh
# compare.sh WANT GOT - compare two canonical descriptions, line by line
#
# Prints the lines that differ (- wanted, + got). Lines of WANT with "error" are what
# libhdf5 could not read: their paths are not compared. Creation orders of attributes
# are left out for version-1 headers, where libhdf5 numbers what it meets.
exec awk '
function path(line) {
    match(line, /^[{]"path":"([^"\\]|\\.)*"/)
    return substr(line, 9, RLENGTH - 8)
}
function plain(line) {
    if (line ~ /"ohdr":1/)
        gsub(/,"corder":[0-9]+/, "", line)
    return line
}
/^#/ { next }
FNR == NR {
    if ($0 ~ /"(attrs_|chunks_)?error":/)
        skip[path($0)] = 1
    else {
        want[path($0)] = plain($0)
        order[++n] = path($0)
    }
    next
}
{ got[path($0)] = plain($0); gots[++m] = path($0) }
END {
    for (i = 1; i <= n; i++)
        if (want[order[i]] != got[order[i]]) {
            print "- " want[order[i]]
            print "+ " ((order[i] in got) ? got[order[i]] : "(no line)")
            bad++
        }
    for (i = 1; i <= m; i++)
        if (!(gots[i] in want) && !(gots[i] in skip)) {
            print "+ " got[gots[i]]
            bad++
        }
    exit bad > 0
}' "$1" "$2"
