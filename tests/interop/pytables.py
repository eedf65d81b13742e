# pytables.py FILE - does PyTables read, and extend, what pytables.c wrote?
import sys
import warnings
import numpy as np
import tables

passed = failed = 0


def check(what, condition):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print("pytables.py:", what)


def nodes(f):
    check("format", f.format_version == "2.1" and f.title == "Written without PyTables")
    check("classes", [type(n).__name__ for n in (f.root.detector, f.root.detector.particles,
                                                 f.root.array, f.root.growing)] ==
          ["Group", "Table", "Array", "EArray"])
    check("titles", f.root.detector._v_title == "The detector" and
          f.root.array.title == "Fixed")


def table(t, rows):
    check("columns", t.colnames == ["name", "id", "energy", "momentum"] and
          t.coltypes["momentum"] == "float32" and t.coldescrs["momentum"].shape == (3,))
    check("filters", (t.filters.complib, t.filters.complevel, t.filters.shuffle) ==
          ("zlib", 5, True))
    check("rows", t.nrows == rows and t[999]["name"] == b"particle 999" and
          np.array_equal(t.col("id"), np.arange(rows)) and
          np.array_equal(t.col("energy"), np.arange(rows) * 0.5) and
          np.array_equal(t.col("momentum")[:, 2], -np.arange(rows, dtype="f4")))
    check("query", [r["id"] for r in t.where("(energy > 10) & (energy < 12)")] == [21, 22, 23])


def extend(f):
    t = f.root.detector.particles
    row = t.row
    for i in range(1000, 1300):
        row["name"], row["id"], row["energy"] = "more %d" % i, i, i * 0.5
        row["momentum"] = (0, 0, -i)
        row.append()
    t.flush()
    t.cols.id.create_index()
    f.root.growing.append(np.arange(30, dtype="i2").reshape(10, 3))
    f.root.array[0, 1] = 77
    f.create_vlarray("/detector", "lists", tables.Int32Atom()).append([1, 2, 3])
    f.root.array.attrs.note = "changed"


warnings.simplefilter("error")
with tables.open_file(sys.argv[1]) as f:
    nodes(f)
    table(f.root.detector.particles, 1000)
    check("array", f.root.array[:].tolist() == [[1, 2, 3], [-4, -5, -6]] and
          f.root.array.dtype == np.dtype("i2"))
    check("growing", f.root.growing.extdim == 0 and
          f.root.growing[:].tolist() == [[1, 2, 3], [-4, -5, -6]])
with tables.open_file(sys.argv[1], "a") as f:
    extend(f)
with tables.open_file(sys.argv[1]) as f:
    table(f.root.detector.particles, 1300)
    check("index", [r["name"] for r in f.root.detector.particles.where("id == 1234")] ==
          [b"more 1234"])
    check("grown", f.root.growing.shape == (12, 3) and f.root.growing[11].tolist() ==
          [27, 28, 29] and f.root.array[0, 1] == 77)
    check("note", f.root.array.attrs.note == "changed")
print("%d passed, %d failed" % (passed, failed))
