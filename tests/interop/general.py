# general.py FILE - does h5py read what general.c wrote?
import sys
import h5py
import numpy as np

passed = failed = 0


def check(what, condition):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print("general.py:", what)


def equal(d, dtype, values):
    a = d[...]
    check(d.name + ": %s" % a, a.dtype == np.dtype(dtype) and a.tolist() == values)


def types(g):
    equal(g["i8"], "i1", [-128, 0, 127])
    equal(g["u64"], "u8", [0, 1, 2**64 - 1])
    equal(g["f32"], "f4", [1.5, -0.25, float(np.float32(1e30))])
    equal(g["f64"], "f8", [0.1, -1e300, 3.0])
    equal(g["f16"], "f2", [1.0, -2.0, 65504.0])
    equal(g["be"], ">i4", [258, -2])
    check("words", list(g["words"].asstr()) == ["", "Größe", "three words here"])
    equal(g["fixed"], "S6", [b"one", b"two", b"three"])
    # h5py has no conversion for a tag that it does not know.
    o, bytes10 = g["opaque"].id, np.zeros(2, "V5")
    o.read(h5py.h5s.ALL, h5py.h5s.ALL, bytes10, mtype=o.get_type())
    check("opaque", o.get_type().get_tag() == b"five bytes" and
          bytes10.tobytes() == b"\1\2\3\4\5abcd\0")
    r = g["records"]
    check("records", r.dtype.names == ("time", "name", "place", "count") and
          r["time"].tolist() == [0.5, 1.5] and list(r["name"]) == [b"first", b"second"] and
          r["place"].tolist() == [[1, 2, 3], [4, 5, 6]] and r["count"].tolist() == [-1, 32000])
    check("colours", h5py.check_enum_dtype(g["colours"].dtype) ==
          {"RED": 1, "GREEN": 2, "BLUE": 4} and g["colours"][...].tolist() == [4, 1, 2, 2])
    equal(g["truth"], "?", [True, False, True])
    equal(g["complex"], "c16", [1 - 1j, 0.5 + 2j])
    check("lists", [v.tolist() for v in g["lists"]] == [[7, 8, 9], [], [8]])
    check("switch", isinstance(g["switch"], h5py.Datatype) and
          g["switched"].id.get_type().committed() and
          g["switched"][...].tolist() == [1, 1, 0])


def layouts(g):
    want = np.arange(50)[:, None] * 100 + np.arange(30)[None, :]
    filters = {"gzip": [2, 1], "fletcher32": [3], "lzf": [32000], "nbit": [5],
               "scaleoffset": [6], "guessed": [1, 3]}
    if "lzf" not in g:
        del filters["lzf"]
    for name in ("contiguous", "compact", "chunked", "growing", *filters):
        d = g[name]
        p = d.id.get_create_plist()
        check(d.name, np.array_equal(d[...], want))
        check(d.name + " filters", filters.get(name, []) ==
              [p.get_filter(i)[0] for i in range(p.get_nfilters())])
    check("chunks", g["gzip"].chunks == (8, 7) and g["guessed"].chunks is not None)
    check("maximum", g["growing"].maxshape == (None, 30))
    check("compact", g["compact"].id.get_create_plist().get_layout() == h5py.h5d.COMPACT)
    check("filled", g["filled"].fillvalue == -9.5 and
          g["filled"][...].tolist() == [[-9.5] * 5] * 4)
    check("none", g["none"].shape == (0,) and g["null"].shape is None)
    a = g.attrs
    check("attributes", len(a) == 24 and a["scalar"] == 2.5 and a["text"] == "in €" and
          all(a["number%d" % i] == i for i in range(20)))
    check("large", len(a["large"]) in (100, 20000) and
          np.array_equal(a["large"], np.arange(len(a["large"]))))
    check("null", isinstance(a["null"], h5py.Empty))


def links(f):
    g = f["links"]
    check("links", [n for n in sorted(g) if n != "external"] ==
          ["a", "dangling", "hard", "many", "soft"] and "a/b/c" in g)
    check("hard", g["hard"] == f["types/f64"])
    check("soft", g.get("soft", getlink=True).path == "/types/f32" and
          g["soft"] == f["types/f32"])
    check("dangling", g.get("dangling") is None)
    if "external" in set(g): # old groups have none
        e = g.get("external", getlink=True)
        check("external", (e.filename, e.path) == ("other.h5", "/types/i8"))
    check("many", sorted(g["many"]) == sorted("group%d" % i for i in range(30)))


def references(f):
    r = f["references/objects"]
    check("object", f[r[0]] == f["layouts/gzip"] and not r[1])
    r = f["references/region"][0]
    check("region", f[r].name == "/layouts/gzip" and
          f[r][r].tolist() == [[203, 204, 205, 206], [303, 304, 305, 306]])


def scales(f):
    d = f["layouts/gzip"]
    check("scale", d.dims[1]["along"] == f["scales/x"] and d.dims[0][0] == f["scales/y"])
    check("label", d.dims[1].label == "x axis" and d.dims[0].label == "")
    check("is scale", h5py.h5ds.is_scale(f["scales/y"].id) and
          not h5py.h5ds.is_scale(d.id))


with h5py.File(sys.argv[1], "r") as f:
    types(f["types"])
    layouts(f["layouts"])
    links(f)
    references(f)
    scales(f)
print("%d passed, %d failed" % (passed, failed))
