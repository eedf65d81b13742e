#!/bin/sh
# deps.sh build|test|bench|all - install what is missing for a build, for the tests,
# for the benchmark, or everything that is of use
#
# Knows apt, dnf, apk and brew. Does nothing, and needs no rights, when all is there.
# Optional libraries (the third column says no) are no reason to install anything, nor to
# fail. What is to be tried is installed where that needs no password, and no reason to
# fail: tests leave out what they do not find.
set -eu
want=${1:-build}
CC=${CC:-cc}

# for    probe: see there()  must  apt                dnf                apk             brew
table='
build    stdio.h             yes   libc6-dev          glibc-devel        musl-dev        -
build    zlib.h              yes   zlib1g-dev         zlib-devel         zlib-dev        zlib
build    lzf.h               yes   liblzf-dev         liblzf-devel       liblzf-dev      liblzf
test     pkg-config          yes   pkg-config         pkgconf-pkg-config pkgconf         pkg-config
test     check.h             yes   check              check-devel        check-dev       check
test     libaec.h            no    libaec-dev         libaec-devel       libaec-dev      libaec
all      libdeflate.h        no    libdeflate-dev     libdeflate-devel   libdeflate-dev  libdeflate
all      lz4.h               no    liblz4-dev         lz4-devel          lz4-dev         lz4
all      zstd.h              no    libzstd-dev        libzstd-devel      zstd-dev        zstd
all      bzlib.h             no    libbz2-dev         bzip2-devel        bzip2-dev       bzip2
all      zfp.h               no    libzfp-dev         zfp-devel          zfp-dev         -
all      charls/charls.h     no    libcharls-dev      CharLS-devel       charls-dev      -
all      blosc.h             no    libblosc-dev       blosc-devel        blosc-dev       c-blosc
test     hdf5.h              yes   libhdf5-dev        hdf5-devel         hdf5-dev        hdf5
test     h5dump              try   hdf5-tools         hdf5               hdf5            hdf5
test     py:h5py             try   python3-h5py       python3-h5py       py3-h5py        -
test     py:tables           try   python3-tables     python3-tables     -               -
test     py:netCDF4          try   python3-netcdf4    python3-netcdf4    -               -
test     matio.h             try   libmatio-dev       matio-devel        -               libmatio
all      clang               no    clang              clang              clang           -
'

there() {
    case $1 in
    *.h)
        printf '#include <stddef.h>\n#include <%s>\n' "$1" |
            $CC -I/usr/include/liblzf -I/usr/include/hdf5/serial -I/usr/local/include \
                -I/opt/homebrew/include -E -x c - >/dev/null 2>&1
        ;;
    py:*)
        python=/usr/bin/python3
        [ -x $python ] || python=python3
        $python -c "import sys, importlib.util as u
sys.exit(u.find_spec('${1#py:}') is None)" 2>/dev/null
        ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

free_to_install() {
    [ "$(id -u)" -eq 0 ] || [ $manager = brew ] || sudo -n true 2>/dev/null
}

manager=none
column=0
for m in apt-get dnf apk brew; do
    column=$((column + 1))
    if command -v $m >/dev/null 2>&1; then
        manager=$m
        break
    fi
done

missing=
must_missing=
try_missing=
while read -r purpose probe must packages; do
    case $want:$purpose in
    all:* | test:build | bench:build | bench:test | "$want:$want") ;;
    *) continue ;;
    esac
    there "$probe" && continue
    # shellcheck disable=SC2086
    set -- $packages
    [ "$manager" = none ] || shift $((column - 1))
    [ "$1" = - ] && continue
    missing="$missing $1"
    [ "$must" = yes ] && must_missing="$must_missing $1"
    [ "$must" = try ] && try_missing="$try_missing $1"
done <<EOT
$(printf '%s' "$table" | sed '/^$/d')
EOT

[ -n "$missing" ] || exit 0
# Optional ones come along with something needed, or with `make deps`.
if [ -z "$must_missing" ] && [ "$want" != all ]; then
    if [ -z "$try_missing" ] || [ $manager = none ] || ! free_to_install; then
        exit 0
    fi
fi
if [ $manager = none ]; then
    echo "deps: please install$must_missing (names as in Debian)" >&2
    exit 1
fi

root=
if [ "$(id -u)" -ne 0 ] && [ $manager != brew ]; then
    root=sudo
fi
install_them() {
    case $manager in
    apt-get)
        $root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
            --no-install-recommends "$@"
        ;;
    dnf) $root dnf install -y "$@" ;;
    apk) $root apk add "$@" ;;
    brew) brew install "$@" ;;
    esac
}

echo "deps: installing$missing"
[ $manager != apt-get ] || $root apt-get update || [ -z "$must_missing" ] || exit 1
# shellcheck disable=SC2086
if ! install_them $missing; then
    echo "deps: not all of them; trying one by one" >&2
    for p in $missing; do
        install_them "$p" || case " $must_missing " in *" $p "*)
            echo "deps: cannot install $p" >&2
            exit 1
            ;;
        esac
    done
fi
