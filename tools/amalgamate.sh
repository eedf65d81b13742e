#!/bin/sh
# amalgamate.sh LAYER... - print the whole library as one C file
#
# Layers come in the order of the stack, the files of each in that of their names. An
# internal header is put in once, where it is first included; system headers stay.
# HI5_INT becomes static, so nothing but hi5_* gets out. Requests to system headers
# (_POSIX_C_SOURCE and the like) must come before the first of them: they move to the top.
set -eu
cd "$(dirname "$0")/.."

files=
for layer; do
    for f in src/"$layer"/*.c; do
        [ ! -f "$f" ] || files="$files $f"
    done
done

exec awk -v list="$files" '
function is_request(line) {
    return line ~ /^[ \t]*#[ \t]*define[ \t]+(_[A-Z_]+_SOURCE|_FILE_OFFSET_BITS)([ \t]|$)/
}
function is_public(line) {
    return line ~ /^[ \t]*#[ \t]*include[ \t]*[<"]hi5\.h[>"]/
}

# The path of an internal header, or "" if the line is not an include of one.
function internal(line) {
    if (line !~ /^[ \t]*#[ \t]*include[ \t]*"[a-z0-9_]+\/[a-z0-9_]+\.h"/)
        return ""
    sub(/^[^"]*"/, "", line)
    sub(/".*$/, "", line)
    return "src/" line
}

# Read a file, and then the headers that it includes.
function gather(path,    n, i, line) {
    while ((getline line < path) > 0) {
        text[path, ++n] = line
        if (is_request(line) && !(line in asked)) {
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
    for (i = 1; i <= n; i++)
        if ((line = internal(text[path, i])) != "" && !(line in size))
            gather(line)
}

function emit(path,    i, line, header) {
    print "\n/* ---- " path " ---- */\n"
    for (i = 1; i <= size[path]; i++) {
        line = text[path, i]
        header = internal(line)
        if (header != "" && !(header in done)) {
            done[header] = 1
            emit(header)
        } else if (header == "" && !is_request(line) && !is_public(line)) {
            print line
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
