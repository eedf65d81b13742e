#!/bin/sh
# side.sh BUILD [CORPUS] - hi5 diff and hi5 stat side by side with h5diff and h5stat
#
# Both print the same and end with the same status: for the fixtures, for copies of them in
# which something was changed, for pairs that tests/side/pairs.py makes; with CORPUS, for
# its good files instead. What is not the same is in tests/side/known.txt, with the reason.
# Compared with are the tools of libhdf5 1.10.8.
set -u
build=$1
corpus=${2:-}
hi5=$(cd "$build" && pwd)/hi5
work=$build/side.tmp
known=$(pwd)/tests/side/known.txt
fixtures=$(pwd)/fixtures/good
passed=0
failed=0
expected=0
python=${PYTHON:-}
[ -n "$python" ] || for python in /usr/bin/python3 python3; do
    command -v $python >/dev/null 2>&1 && "$python" -c 'import h5py' 2>/dev/null && break
done
export HDF5_USE_FILE_LOCKING=FALSE LC_ALL=C TZ=UTC

for tool in h5diff h5stat; do
    case $("$tool" -V 2>/dev/null) in
    *' 1.10.8'*) ;;
    *)
        echo "left out: there is no $tool of libhdf5 1.10.8"
        echo "0 passed, 0 failed"
        exit 0
        ;;
    esac
done
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)

# side TOOL OPTIONS FILE...: in the folder at hand. h5diff forgets the names of what
# references lead to, so names are not compared there. When a reference tool takes too
# much time or memory, or crashes, there is nothing to compare with.
side() {
    tool=$1
    shift
    name=$(echo "$tool $*" | sed "s|$work/||g")
    (
        ulimit -v 4000000
        timeout 20 "h5$tool" "$@" >"$work/raw" 2>/dev/null
    ) 2>/dev/null
    want=$?
    [ $want -lt 124 ] || return 0
    sed '/^Warning: Comparison not possible/s/<.*> and <.*>/<> and <>/' "$work/raw" \
        >"$work/want"
    "$hi5" "$tool" "$@" 2>"$work/err" >"$work/raw"
    got=$?
    sed '/^Warning: Comparison not possible/s/<.*> and <.*>/<> and <>/' "$work/raw" \
        >"$work/got"
    if [ $got -eq $want ] && cmp -s "$work/want" "$work/got"; then
        passed=$((passed + 1))
    elif awk -v name="$name" '!/^#/ && NF { sub(/ : .*/, ""); if (name ~ "^" $0 "$") found = 1 }
            END { exit !found }' "$known"; then
        expected=$((expected + 1))
    else
        failed=$((failed + 1))
        echo "$name: status $got, not $want"
        diff "$work/want" "$work/got" | cut -c 1-160 | head -n 8
        head -n 3 "$work/err"
    fi
}

# can FILE: does libhdf5 1.10.8 open it, as one file?
can() {
    timeout 20 h5stat -f "$1" >/dev/null 2>&1
}

# decodes FILE: does this build have its filters? What it cannot decode it cannot compare.
decodes() {
    ! "${hi5%/*}/truth" "$1" 2>/dev/null | grep -q 'not available in this build'
}

if [ -n "$corpus" ]; then
    cd "$corpus/files" || exit 1
    last=
    for f in $(cut -f 1 ../dev.txt); do
        case $f in */*) where=${f%/*} ;; *) where=. ;; esac
        base=${f##*/}
        cd "$corpus/files/$where" || exit 1
        can "$base" || continue
        side stat "$base"
        decodes "$base" || continue
        cp "$base" "$work/copy.h5"
        side diff -v2 "$base" "$work/copy.h5"
        [ -z "$last" ] || [ ! -f "$last" ] || side diff -r "$last" "$base"
        last=$base
    done
else
    cd "$fixtures" || exit 1
    last=
    for f in *.h5; do
        can "$f" || continue
        side stat "$f"
        side stat -FGDT -l 3 -m 5 "$f"
        side stat -fgdAsS -a 2 "$f"
        decodes "$f" || continue
        cp "$f" "$work/copy.h5"
        side diff -v2 "$f" "$work/copy.h5"
        [ -z "$last" ] || side diff -r "$last" "$f"
        [ -z "$last" ] || side diff -c "$last" "$f"
        last=$f
    done
    cd "$work" || exit 1
    if "$python" "$fixtures/../../tests/side/pairs.py" . "$fixtures"/*.h5 >py.out 2>&1; then
        for f in m-*.h5; do
            can "$f" || continue
            cp "$fixtures/${f#m-}" .
            decodes "$f" || continue
            side diff -r "${f#m-}" "$f"
            side diff -v1 "${f#m-}" "$f"
            side diff "${f#m-}" "$f"
        done
        for a in a-*.h5; do
            b=b-${a#a-}
            for options in '' -r -v -v1 -v2 -v3 -c -q '-r -d 2' '-r -p 0.05' '-r -n 2' \
                '-r -N' '-r --use-system-epsilon' '-v --follow-symlinks' \
                '-r --follow-symlinks' '--follow-symlinks --no-dangling-links' \
                '-v --exclude-path /g' '-r --exclude-attribute /g'; do
                # shellcheck disable=SC2086
                side diff $options "$a" "$b"
            done
            side diff -v "$a" "$a"
            side diff "$a" "$a"
            side stat "$a"
            side stat "$b"
        done
        side diff -r a-numbers.h5 b-numbers.h5 /cube
        side diff -v a-numbers.h5 a-numbers.h5 /n_i4 /n_i2
        side diff -v2 a-links.h5 b-links.h5 /g
        side diff -v a-links.h5 b-links.h5 /g /g.a
        side diff -v a-links.h5 b-links.h5 /nope
        side diff -v --follow-symlinks a-links.h5 b-links.h5 /half
        side diff -v --follow-symlinks a-links.h5 b-links.h5 /nowhere
        side diff -v a-links.h5 b-links.h5 /g /number
        side diff -r a-numbers.h5 b-numbers.h5 '/n_i4[1,1;;2,2]' '/n_i4[1,1;;2,2]'
        side diff -r a-numbers.h5 b-numbers.h5 '/n_i4[0,0;2,2;2,2]' '/n_i4[0,0;2,2;2,2]'
        side diff -q -v a-numbers.h5 b-numbers.h5
        side diff --no-dangling-links a-numbers.h5 b-numbers.h5
        side diff no-such-file.h5 b-numbers.h5
        side diff -r --exclude-path /nested a-compounds.h5 b-compounds.h5
    else
        echo "left out: pairs, which want Python with h5py"
        head -n 3 py.out
    fi
fi
[ $expected -eq 0 ] || echo "$expected more differ, for the reasons in tests/side/known.txt"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
