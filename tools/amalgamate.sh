#!/bin/sh
# amalgamate.sh LAYER... - print the whole library as one C file
#
# Layers come in the order of the stack, the files of each in that of their names.
# An internal header is put in once, where it is first included; system headers
# stay. HI5_INT becomes static, so nothing but hi5_* gets out. Requests to the system
# headers (_POSIX_C_SOURCE and the like) must come before the first of them, so they
# are moved to the top.
set -eu
cd "$(dirname "$0")/.."

files=
for layer; do
    for f in src/"$layer"/*.c; do
        [ -f "$f" ] && files="$files $f"
    done
done

exec awk -v list="$files" '
# The path of an internal header, or "" if the line is not an include of one.
function internal(line,    s) {
    if (line !~ /^[ \t]*#[ \t]*include[ \t]*"[a-z0-9_]+\/[a-z0-9_]+\.h"/)
        return ""
    s = line
    sub(/^[^"]*"/, "", s)
    sub(/".*$/, "", s)
    return "src/" s
}

function public(line) {
    return line ~ /^[ \t]*#[ \t]*include[ \t]*[<"]hi5\.h[>"]/
}

function request(line) {
    return line ~ /^[ \t]*#[ \t]*define[ \t]+(_[A-Z_]+_SOURCE|_FILE_OFFSET_BITS)([ \t]|$)/
}

# Whole files are read first: getline on several at once would mix them up.
function slurp(path,    n, line) {
    if (path in size)
        return
    n = 0
    while ((getline line < path) > 0) {
        text[path, ++n] = line
        if (request(line) && !(line in asked)) {
            asked[line] = 1
            asks = asks line "\n"
        }
    }
    close(path)
    if (n == 0) {
        print "amalgamate: cannot read " path > "/dev/stderr"
        failed = 1
        exit 1
    }
    size[path] = n
}

function gather(path,    i, h) {
    slurp(path)
    for (i = 1; i <= size[path]; i++)
        if ((h = internal(text[path, i])) != "" && !(h in size))
            gather(h)
}

function emit(path,    i, h) {
    print "\n/* ---- " path " ---- */\n"
    for (i = 1; i <= size[path]; i++) {
        if ((h = internal(text[path, i])) != "") {
            if (!(h in done)) {
                done[h] = 1
                emit(h)
            }
        } else if (!request(text[path, i]) && !public(text[path, i])) {
            print text[path, i]
        }
    }
}

BEGIN {
    n = split(list, file, " ")
    for (i = 1; i <= n; i++)
        gather(file[i])
    print "/* hi5, the whole library in one file. Generated; SPDX-License-Identifier: MIT */"
    printf "%s#define HI5_INT static\n#include \"hi5.h\"\n", asks
    for (i = 1; i <= n; i++)
        emit(file[i])
    exit failed
}'
