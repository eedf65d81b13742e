#!/bin/sh
# interop.sh BUILD - what hi5 writes, everybody else opens: libhdf5's tools, h5py, PyTables,
# netCDF4, libmatio; and what they have changed hi5 reads
#
# The programs of tests/interop write the files. What is not installed is left out, with a
# note (tools/deps.sh installs it all).
set -u
build=$1
programs=$build/interop
work=$build/interop.tmp
here=tests/interop
passed=0
failed=0
python=${PYTHON:-}
[ -n "$python" ] || for python in /usr/bin/python3 python3; do
    command -v $python >/dev/null 2>&1 && break
done
rm -rf "$work"
mkdir -p "$work"

# try WHAT COMMAND...: it succeeds
try() {
    what=$1
    shift
    "$@" >"$work/out" 2>&1
    code=$?
    if [ $code -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$what: status $code of $*"
        head -n 20 "$work/out"
    fi
}

# says WHAT LINE COMMAND...: it succeeds, and this line is in what it prints
says() {
    what=$1
    line=$2
    shift 2
    if "$@" >"$work/out" 2>&1 && grep -qF -- "$line" "$work/out"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$what: no line '$line' of $*"
        head -n 20 "$work/out"
    fi
}

# script NAME FILE: a Python script that counts for itself
script() {
    result=$("$python" "$here/$1.py" "$2" 2>&1)
    line=$(echo "$result" | sed -nE '$s/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p')
    [ -n "$line" ] || line='0 1'
    passed=$((passed + ${line% *}))
    failed=$((failed + ${line#* }))
    [ "${line#* }" -eq 0 ] || printf '%s: %s\n' "$2" "$result"
}

has() {
    "$python" -c "import sys, importlib.util as u
sys.exit(u.find_spec('$1') is None)" 2>/dev/null && return
    echo "not tested: $2 is not installed"
    return 1
}

sound() {
    try "$1" "$build/hi5" check --quiet "$work/$1"
}

# same FILE: hi5 and libhdf5 read the same in it
same() {
    "$programs/listing" "$work/$1" >"$work/ours" 2>&1 &&
        "$python" "$here/listing.py" "$work/$1" >"$work/theirs" 2>&1 &&
        [ "$(wc -l <"$work/ours")" -ge "${2:-1}" ]
    try "$1, as read by hi5 and libhdf5" test $? -eq 0
    try "$1, as read by hi5 and libhdf5" diff "$work/ours" "$work/theirs"
}

# ---- the tools of libhdf5: once over each kind of file ----

tools_read() {
    f=$work/$1
    says "$1" '"three words here"' h5dump -d /types/words "$f"
    says "$1" 'REGION_TYPE BLOCK  (2,3)-(3,6)' h5dump -d /references/region "$f"
    says "$1" 'COMPRESSION DEFLATE { LEVEL 6 }' h5dump -pH -d /layouts/gzip "$f"
    says "$1" '(49,22): 4922, 4923, 4924, 4925, 4926, 4927, 4928, 4929' \
        h5dump -d /layouts/scaleoffset "$f"
    try "$1" h5dump "$f"
    says "$1" '/layouts/growing         Dataset {50/Inf, 30}' h5ls -r "$f"
    says "$1" '/types/f64               Dataset, same as /links/hard' h5ls -r "$f"
    says "$1" '# of unique groups: 40' h5stat "$f"
    says "$1" '# of unique datasets: 31' h5stat "$f"
    [ "$1" = general1.h5 ] ||
        says "$1" '/links/external          External Link {other.h5//types/i8}' h5ls -r "$f"
}

tools_repack() {
    f=$work/$1
    rm -f "$work/again.h5" "$work/packed.h5"
    try "$1, repacked" h5repack --low=1 --high=2 "$f" "$work/again.h5"
    try "$1, repacked" h5diff "$f" "$work/again.h5"
    sound again.h5
    "$programs/listing" "$f" >"$work/ours"
    "$programs/listing" "$work/again.h5" >"$work/theirs"
    try "$1, repacked, as read by hi5" diff "$work/ours" "$work/theirs"
    try "$1, compressed" h5repack --low=1 --high=2 -f /layouts/contiguous:SHUF \
        -f /layouts/contiguous:GZIP=4 -l /layouts/contiguous:CHUNK=10x10 "$f" "$work/packed.h5"
    try "$1, compressed" h5diff "$f" "$work/packed.h5"
    says "$1, compressed" 'COMPRESSION DEFLATE { LEVEL 4 }' \
        h5dump -pH -d /layouts/contiguous "$work/packed.h5"
    sound packed.h5
}

general() {
    for compat in 1 2 3; do
        try "general, $compat" "$programs/general" "$work/general$compat.h5" $compat plain
        sound general$compat.h5
        if [ $tools = yes ]; then
            tools_read general$compat.h5
            tools_repack general$compat.h5
        fi
        [ $h5py = yes ] || continue
        [ $tools = no ] || [ $compat -eq 1 ] || script general "$work/again.h5"
        try "general, $compat, with LZF" "$programs/general" "$work/lzf$compat.h5" $compat
        sound lzf$compat.h5
        script general "$work/lzf$compat.h5"
        same lzf$compat.h5 80
    done
    [ $tools = no ] || try "V18 and V110" h5diff "$work/general2.h5" "$work/general3.h5"
}

# ---- changed by libhdf5, then by hi5 ----

# by_turns COMPAT [LIBVER]
by_turns() {
    f=edit$1${2:-}.h5
    try "$f" "$programs/edit" make "$work/$f" "$1"
    sound "$f"
    try "$f, changed by libhdf5" "$python" "$here/edit.py" "$work/$f" ${2:+"$2"}
    sound "$f"
    same "$f" 500
    try "$f, changed by hi5" "$programs/edit" more "$work/$f"
    sound "$f"
    same "$f" 900
    [ $tools = no ] || try "$f" h5dump "$work/$f"
}

# ---- formats on top ----

pytables() {
    try pytables "$programs/pytables" "$work/pytables.h5"
    sound pytables.h5
    has tables python3-tables || return
    script pytables "$work/pytables.h5"
    sound pytables.h5
    [ $h5py = no ] || same pytables.h5 20
}

netcdf() {
    try netcdf "$programs/netcdf" "$work/netcdf.nc"
    sound netcdf.nc
    has netCDF4 python3-netcdf4 || return
    script netcdf "$work/netcdf.nc"
    sound netcdf.nc
    [ $h5py = no ] || same netcdf.nc 20
}

matlab() {
    try matlab "$programs/matlab" "$work/matlab.mat"
    sound matlab.mat
    if [ ! -x "$programs/readmat" ]; then
        echo "not tested: libmatio-dev is not installed"
        return
    fi
    cat >"$work/wanted" <<EOT
cell class 1, 1 2
- class 6, 1 2: 1 2
- class 6, 1 1: -3
compressed class 7, 50 40: 0 1 2 3 4 5 ... 1999
hello class 4, 1 5: 104 101 108 108 246
magic class 6, 2 3: 1 2 3 4 5 6
person class 2, 1 1
age class 10, 1 1: 42
name class 4, 1 3: 65 100 97
truth class 9 logical, 3 1: 1 0 1
EOT
    "$programs/readmat" "$work/matlab.mat" >"$work/found" 2>&1
    try "matlab, as read by libmatio" test $? -eq 0
    try "matlab, as read by libmatio" diff "$work/wanted" "$work/found"
    sound matlab.mat
    "$programs/listing" "$work/matlab.mat" >"$work/ours"
    says "matlab, added by libmatio" '/added dataset 2 1 class 1' cat "$work/ours"
    [ $h5py = no ] || same matlab.mat 15
}

tools=yes
command -v h5repack >/dev/null 2>&1 || tools=no
[ $tools = yes ] || echo "not tested: hdf5-tools are not installed"
h5py=no
has h5py python3-h5py && h5py=yes

general
if [ $h5py = yes ]; then
    by_turns 1
    by_turns 2
    by_turns 3
    by_turns 3 latest
fi
if [ $tools = yes ] && [ $h5py = yes ]; then
    h5diff "$work/edit2.h5" "$work/edit2.h5" /arrays/single_0 /arrays/single_1 >"$work/diff"
    try "h5diff finds differences" test $? -eq 1
    says "h5diff counts them" 'differences found' cat "$work/diff"
fi
pytables
netcdf
matlab
[ $failed -ne 0 ] || rm -rf "$work"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
