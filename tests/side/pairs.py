#!/usr/bin/env python3
"""pairs.py FOLDER FIXTURE... - files to compare, written with libhdf5

FOLDER/a-NAME.h5 and FOLDER/b-NAME.h5 are pairs made here: numbers of all types, special
values, strings, compounds, and so on, in which something differs. FOLDER/m-FIXTURE is a
copy of a fixture in which one value of each dataset, and one of each attribute, has been
changed.
"""
import os
import shutil
import sys

import h5py
import numpy as np

VSTR = h5py.special_dtype(vlen=str)


def numbers(f, k):
    base = np.arange(12).reshape(3, 4)
    for t in "i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8".split():
        a = base.astype(t).copy()
        if k:
            a[1, 2] += 3
            a[0, 0] = 5
            a[2, 1] = 0
        f["n_" + t] = a
        f["b_" + t] = a.astype(">" + t)
    f["f4"] = np.array([3, 3, 1e-3], "f4") + k * np.array([1, 0.1, 0], "f4")
    f["f8"] = np.array([3, 3, 1e-3], "f8") + k * np.array([1, 0.1, 0], "f8")
    f["long"] = np.array([1, 2, 3], "longdouble") + k
    f["i2"] = np.array([[-10, 100, 0, 5], [200, -240, 0, 0]][k], "i2")
    f["u8"] = np.array([[0, 7], [2**64 - 1, 5]][k], "u8")
    f["scalar"] = np.int32(3 + k)
    d = np.arange(60).reshape(3, 4, 5)
    d[2, 3, 4] += k
    d[1, 1, 1] -= k
    f["cube"] = d
    f.create_dataset("chunks", data=d, chunks=(2, 2, 2), compression="gzip")
    f["cplx"] = np.array([1 + 2j, 3 + 1j * k])
    f["bool"] = np.array([True, False, bool(k)])
    f["opaque"] = np.array([[b"ab", b"cd"], [b"ab", b"xd"]][k], "V2")
    e = h5py.enum_dtype({"A": 0, "B": 1, "C": 2}, "i1")
    f.create_dataset("enum", data=np.array([[0, 1, 2, 7], [0, 2, 7, 7]][k], "i1"), dtype=e)


def special(f, k):
    g = [[1, np.nan, -np.inf, 0.0, 1e-17, 1.0, np.nan, 5],
         [np.nan, np.nan, np.inf, -0.0, 2e-17, 1.0 + 2.2e-16, 1, 5]][k]
    f["f8"] = np.array(g, "f8")
    f["f4"] = np.array(g, "f4")


def strings(f, k):
    f["fixed"] = np.array([[b"abc", b"hello", b"x", b""],
                           [b"abd", b"help", b"xyz", b"q"]][k], "S8")
    f["sizes"] = np.array([[b"abc"], [b"abcde"]][k], ["S3", "S6"][k])
    d = f.create_dataset("variable", (4,), VSTR)
    d[...] = [["abc", "hello", "xy", ""], ["abd", "help!", "xy", ""]][k]
    d = f.create_dataset("longer", (2,), VSTR)
    d[...] = [["x", ""], ["xy", "q"]][k]
    f.create_dataset("scalar", data=["abc", "abd"][k])
    f["odd"] = np.array([[b"\x01\"\\\n"], [b"\x02'/\t"]][k], "S4")


def compounds(f, k):
    c = np.dtype([("a", "i4"), ("b", "f8"), ("s", "S3"),
                  ("n", [("x", "u1"), ("y", "i2", (2,))])])
    v = np.zeros(3, c)
    v["a"] = [1, 2, 3]
    v["b"] = [0.5, 1, 2]
    v["s"] = [b"q", b"w", b"e"]
    if k:
        v["a"][1] = 9
        v["b"][2] = 7
        v["s"][0] = b"zz"
        v["n"]["y"][2, 1] = 4
    f["nested"] = v
    f["array"] = np.array([((1, 2, 3),), ((4, 5, 6 + k),)], np.dtype([("v", "i4", (3,))]))
    d = f.create_dataset("arrays", (2,), np.dtype(("i4", (3,))))
    d[...] = np.array([[1, 2, 3], [4, 5, 6 + k]])
    d = f.create_dataset("sequences", (3,), h5py.vlen_dtype("i4"))
    d[0], d[1], d[2] = [[1, 2, 3], [4], [7, 8]] if not k else [[1, 9, 3], [5], [7, 8]]
    f["names"] = np.ones(2, [("a", "i4"), ("bc"[k], "f4")])
    f["wider"] = np.ones(2, [("a", "i4"), ("b", ["f4", "f8"][k])])
    f["order"] = np.ones(2, [("ab"[k], "i4"), ("ba"[k], "i4")])


def shapes(f, k):
    """What cannot be compared, or is worth a note."""
    f["types"] = np.zeros(3, ["i4", "i2"][k])
    f["signs"] = np.zeros(3, ["i4", "u4"][k])
    f["classes"] = np.zeros(3, ["i4", "f4"][k])
    f["widths"] = np.array([1.1, 2, 3], ["f4", "f8"][k])
    f["dims"] = np.zeros([(3, 2), (2, 3)][k])
    f["rank"] = np.zeros([(3, 2), (3,)][k])
    f["mix"] = [np.arange(3), 1][k]
    f.create_dataset("maxima", data=np.zeros((3,)), maxshape=([9, 10][k],), chunks=(2,))
    f.create_dataset("strings", (2,), ["S4", VSTR][k])
    f["strings"][...] = [b"a", b"b"]
    f["members"] = np.zeros(2, [[("a", "i4"), ("b", "f4")], [("a", "i4")]][k])
    f["member"] = np.zeros(2, [("a", "i4"), ("b", ["f4", "i4"][k])])
    f.create_dataset("empty", (4,), "i4")
    f.create_dataset("fill", (4,), "i4", fillvalue=3 + k, chunks=(2,))
    f.create_dataset("null", data=h5py.Empty("i4"))
    f.create_dataset("zero", (0,), "i4", maxshape=(None,))
    f["type"] = np.dtype(["i8", "i4"][k])
    f["same"] = np.dtype("i4")
    if k:
        f.create_group("kind")
    else:
        f["kind"] = 3
    e = [h5py.enum_dtype({"A": 0, "BZ"[i]: 1}, "i1") for i in (0, 1)]
    f.create_dataset("enum", data=np.array([0, 1], "i1"), dtype=e[k])


def links(f, k):
    f["number"] = np.arange(4)
    f["g/x"] = k
    f["g.a/x"] = 1
    f["g/h/y"] = 2
    f["other/y" + str(k)] = 2
    f["only%d" % k] = 1
    f["hard"] = f["g"]
    f["soft"] = h5py.SoftLink(["/number", "/g/x"][k])
    f["group"] = h5py.SoftLink("/g")
    f["again"] = h5py.SoftLink("/g")
    f["nowhere"] = h5py.SoftLink("/nope")
    f["nowhere2"] = h5py.SoftLink("/nope" + str(k))
    f["half"] = h5py.SoftLink(["/number", "/nope"][k])
    f["external"] = h5py.ExternalLink("a-numbers.h5", "/i" + str(k))
    f["external2"] = h5py.ExternalLink("a-numbers.h5", "/i2")


def attributes(f, k):
    g = f.create_group("g")
    g.attrs["x"] = np.arange(4) + k
    g.attrs["s"] = ["abc", "xbc"][k]
    g.attrs["only%d" % k] = 1
    g.attrs["same"] = 1
    g.attrs["fx"] = np.array([[1, 2], [3, 4 + k]], "f4")
    g.attrs["type"] = [np.float32(1), np.int32(1)][k]
    g.attrs["rank"] = np.zeros([(2, 1), (2,)][k])
    g.attrs["null"] = [np.int32(4), h5py.Empty("i4")][k]
    g.attrs["sign"] = [np.int32(4), np.uint32(5)][k]
    f["d"] = 1
    f["d"].attrs["u"] = np.uint8(k)
    f["t"] = np.dtype("i4")
    f["t"].attrs["of a type"] = 1 + k


def references(f, k):
    f["x"] = np.arange(12).reshape(3, 4) + k
    f["y"] = 5 + k
    f.create_dataset("null", (2,), h5py.ref_dtype)
    f["null"][0] = f["y"].ref
    f["object"] = np.array([f["x"].ref, f["y"].ref], h5py.ref_dtype)
    f["half"] = np.array([f["y"].ref, f["y"].ref if k else h5py.Reference()], h5py.ref_dtype)
    r = f.create_dataset("region", (2,), h5py.regionref_dtype)
    r[0] = f["x"].regionref[1:3, 2:4]
    r[1] = f["x"].regionref[0:1, 0:2]


def change(path):
    """Change one value of each dataset and attribute that numbers can be put into."""
    with h5py.File(path, "r+") as f:
        seen = []

        def visit(name, o):
            seen.append(name)

        f.visititems(visit)
        for name in ["/"] + seen:
            try:
                o = f[name]
                for a in list(o.attrs)[:3]:
                    v = o.attrs[a]
                    if isinstance(v, (np.ndarray, np.generic)) and v.dtype.kind in "iuf":
                        o.attrs.modify(a, v + v.dtype.type(1))
                if isinstance(o, h5py.Dataset) and o.dtype.kind in "iuf" and o.size:
                    at = tuple(n - 1 for n in o.shape)
                    o[at] = o[at] + o.dtype.type(1)
            except (OSError, RuntimeError, TypeError, ValueError, KeyError):
                pass  # read-only, or of a kind that h5py does not know


def main():
    folder = sys.argv[1]
    made = [numbers, special, strings, compounds, shapes, links, attributes, references]
    for make in made:
        for k in (0, 1):
            name = os.path.join(folder, "%s-%s.h5" % ("ab"[k], make.__name__))
            with h5py.File(name, "w", libver=["earliest", "latest"][k]) as f:
                make(f, k)
    for fixture in sys.argv[2:]:
        copy = os.path.join(folder, "m-" + os.path.basename(fixture))
        shutil.copyfile(fixture, copy)
        # On some fixtures libhdf5 crashes when they are written.
        child = os.fork()
        if child == 0:
            try:
                change(copy)
            except OSError:
                os._exit(1)
            os._exit(0)
        if os.waitpid(child, 0)[1] != 0:
            os.remove(copy)


main()
