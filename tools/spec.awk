# spec.awk - which sections of the file format specification the code speaks of
#
#   awk -f tools/spec.awk src/*/*.[ch] tests/unit/*.c tests/sweep/*.c
#
# Collects the tags [FMT section] and joins them with the sections that matter. Prints
# a table (section, title, files), and fails when a section has no code.

BEGIN {
    n = 0
    s("II.A", "Superblock");                    s("II.B", "File driver info");
    s("III.A.1", "Version 1 B-trees");          s("III.A.2", "Version 2 B-trees");
    s("III.B", "Group symbol table nodes");     s("III.C", "Symbol table entry");
    s("III.D", "Local heaps");                  s("III.E", "Global heap");
    s("III.F", "Virtual dataset block");        s("III.G", "Fractal heap");
    s("III.I", "Shared message table");         s("IV.A.1", "Object header prefix");
    s("IV.A.2.b", "Dataspace");                 s("IV.A.2.c", "Link info");
    s("IV.A.2.d", "Datatype");                  s("IV.A.2.e", "Fill value (old)");
    s("IV.A.2.f", "Fill value");                s("IV.A.2.g", "Link");
    s("IV.A.2.h", "External data files");       s("IV.A.2.i", "Data layout");
    s("IV.A.2.k", "Group info");                s("IV.A.2.l", "Filter pipeline");
    s("IV.A.2.m", "Attribute");                 s("IV.A.2.n", "Object comment");
    s("IV.A.2.o", "Modification time (old)");   s("IV.A.2.p", "Shared message table");
    s("IV.A.2.q", "Continuation");              s("IV.A.2.r", "Symbol table");
    s("IV.A.2.s", "Modification time");         s("IV.A.2.t", "B-tree K values");
    s("IV.A.2.u", "Driver info");               s("IV.A.2.v", "Attribute info");
    s("IV.A.2.w", "Reference count");           s("IV.A.2.x", "File space info");
    s("VII.A", "Single chunk index");           s("VII.B", "Implicit index");
    s("VII.C", "Fixed array index");            s("VII.D", "Extensible array index");
    s("VII.E", "B-tree v2 chunk index");        s("VIII.A", "Dataspace encoding");
    s("VIII.B", "Reference encoding");          s("VIII.C", "Reference encoding (old)");
}

function s(id, title) {
    id_of[++n] = id
    title_of[id] = title
}

/\[FMT [IVX]/ {
    rest = $0
    while (match(rest, /\[FMT [A-Za-z0-9., ]+\]/)) {
        list = substr(rest, RSTART + 5, RLENGTH - 6)
        rest = substr(rest, RSTART + RLENGTH)
        gsub(/ /, "", list)
        k = split(list, ids, ",")
        for (i = 1; i <= k; i++) {
            if (ids[i] ~ /^\./) { # "IV.A.2.c, .v"
                last = ids[i - 1]
                sub(/\.[^.]*$/, "", last)
                ids[i] = last ids[i]
            }
            note(ids[i])
        }
    }
}

function note(id,    base) {
    base = FILENAME
    sub(/^.*\//, "", base)
    seen[id, base] = 1
}

# A tag of a subsection stands for its section, too.
END {
    for (i = 1; i <= n; i++) {
        id = id_of[i]
        text = ""
        for (t in seen) {
            split(t, part, SUBSEP)
            if ((part[1] == id || index(part[1], id ".") == 1) && index(text " ", " " part[2] " ") == 0)
                text = text " " part[2]
        }
        printf "%-10s %-32s%s\n", id, title_of[id], text == "" ? " MISSING" : text
        missing += text == ""
    }
    exit missing > 0
}
