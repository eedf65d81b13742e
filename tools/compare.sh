#!/bin/sh
# compare.sh WANT GOT - compare two canonical descriptions, line by line
#
# Prints where lines differ (- wanted, + got). Not compared: the paths of lines of WANT
# with "error", which libhdf5 could not read; the creation order of attributes where it
# is not tracked, since libhdf5 then numbers what it meets; the data of user-defined
# links where libhdf5 knew nothing of the class.
exec awk '
function path(line) {
    match(line, /^[{]"path":"([^"\\]|\\.)*"/)
    return substr(line, 9, RLENGTH - 8)
}

# What is not compared, taken out of `line`; `other` is its counterpart.
function plain(line, other) {
    if (line ~ /"ohdr":1/ || (other != "" && other !~ /"corder":/) || line !~ /"corder":/)
        gsub(/,"corder":[0-9]+/, "", line)
    if (line ~ /"kind":"udlink"/ && line other ~ /"size":0,/)
        sub(/,"size":.*/, "", line)
    return line
}

# The first place where a and b differ, with some of what comes before and after.
function window(a, b,    low, high, mid) {
    low = 0
    high = length(a) < length(b) ? length(a) : length(b)
    while (low < high) {
        mid = int((low + high + 1) / 2)
        if (substr(a, 1, mid) == substr(b, 1, mid)) low = mid; else high = mid - 1
    }
    low = low > 60 ? low - 60 : 0
    return (low ? "..." : "") substr(a, low + 1, 400)
}

function differ(p, a, b) {
    print p ":"
    print "  - " (a == "" ? "(no line)" : window(a, b))
    print "  + " (b == "" ? "(no line)" : window(b, a))
    bad++
}

/^#/ { next }
FNR == NR {
    p = path($0)
    if ($0 ~ /"(attrs_|chunks_)?error":/)
        skip[p] = 1
    else {
        want[p] = $0
        order[++n] = p
    }
    next
}
{ p = path($0); got[p] = $0; gots[++m] = p }
END {
    for (i = 1; i <= n; i++) {
        p = order[i]
        a = want[p]
        b = got[p]
        if (a != b && plain(a, b) != plain(b, a))
            differ(p, plain(a, b), plain(b, a))
    }
    for (i = 1; i <= m; i++)
        if (!(gots[i] in want) && !(gots[i] in skip))
            differ(gots[i], "", got[gots[i]])
    exit bad > 0
}' "$1" "$2"
