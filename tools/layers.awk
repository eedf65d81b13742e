# layers.awk - hold the includes against the stack
#
#   awk -f tools/layers.awk src/*/*.[ch] cli/* tests/*/*.[ch] examples/*.c
#
# file -> format -> {btree, filters, space} -> base; L1 folders never include each
# other; programs, API tests and examples include only hi5.h. System headers are kept
# to the place that is theirs as well.

BEGIN {
    may["base"] = " base "
    may["btree"] = " btree base "
    may["filters"] = " filters base "
    may["space"] = " space base "
    may["format"] = " format btree filters space base "
    may["file"] = " file format btree filters space base "

    # System headers that one module has to itself (a pattern of its file name).
    owner["zlib.h"] = "^src/filters/deflate"
    owner["libdeflate.h"] = "^src/filters/deflate"
    owner["lzf.h"] = "^src/filters/lzf"
    owner["libaec.h"] = owner["szlib.h"] = "^src/filters/szip"
    owner["lz4.h"] = owner["zstd.h"] = owner["bzlib.h"] = "^src/filters/"
    owner["blosc.h"] = owner["blosc2.h"] = "^src/filters/"
    owner["fcntl.h"] = owner["sys/stat.h"] = "^src/base/io"
    owner["unistd.h"] = "^src/base/(io|threads)"
    owner["pthread.h"] = "^src/base/"
}

function complain(what) {
    print FILENAME ":" FNR ": " what
    bad++
}

/^[ \t]*#[ \t]*include/ {
    name = $0
    sub(/^[ \t]*#[ \t]*include[ \t]*["<]/, "", name)
    sub(/[">].*$/, "", name)

    in_src = FILENAME ~ /^src\//
    split(FILENAME, at, "/")
    layer = at[2]

    if (in_src && name in owner && FILENAME !~ owner[name])
        complain("<" name "> belongs to " owner[name])

    if (split(name, to, "/") != 2 || !(to[1] in may))
        next
    if (!in_src && FILENAME !~ /^tests\/(unit|sweep|mutate|crash)\/|^fuzz\//)
        complain("only hi5.h may be included here, not " name)
    else if (in_src && index(may[layer], " " to[1] " ") == 0)
        complain(layer " may not include " name)
}

END { exit bad > 0 }
