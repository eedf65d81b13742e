# edit.py FILE - change a file of edit.c with libhdf5: everything that is hard to change
import sys
import h5py
import numpy as np


def check(what, condition):
    if not condition:
        sys.exit("edit.py: " + what)


def expected(shape, salt):
    """As edit.c's fill."""
    n = int(np.prod(shape))
    return (np.arange(n, dtype="i4") * 3 + salt).reshape(shape)


def change_array(d, salt):
    check(d.name, np.array_equal(d[...], expected(d.shape, salt)))
    rows, columns = d.shape
    if d.maxshape != d.shape:
        # A smaller extent frees chunks; what is grown back is the fill value.
        d.resize((rows - 5, columns - 3))
        d.resize((rows, columns))
        check(d.name + " shrunk", (d[rows - 5:] == -7).all() and (d[:, -3:] == -7).all())
        more = [n + 9 if m is None else min(n + 9, m)
                for n, m in zip(d.shape, d.maxshape)]
        d.resize(more)
        d[rows - 7:, columns - 2:] = 77
    d[1, 2:5] = [100, 200, 300]
    d[::2, 3] = 5
    d.attrs["changed"] = np.int32(salt)


def change_group(g):
    """Delete, add, rename and move, so that each storage shrinks and grows."""
    names = sorted(g)
    for name in names[1::3]:
        del g[name]
    for i in range(50):
        g["by_libhdf5_%03d" % i] = h5py.SoftLink("/arrays/single_%d" % i)
    g.move(names[0], "moved")
    g.create_group("inner/group").attrs["n"] = 3
    g.create_dataset("inner/data", data=np.arange(10), maxshape=(None,), chunks=(4,))
    numbers = sorted(g.attrs)
    for name in numbers[::2]:
        del g.attrs[name]
    for i in range(40):
        g.attrs["by_libhdf5_%03d" % i] = np.arange(i % 5 + 1)
    g.attrs.modify(numbers[1], np.array([7, 8], "i4"))
    # libhdf5 1.10 drops a renamed attribute from the index by creation order (GR-012).
    if not g.name.endswith("ordered"):
        h5py.h5a.rename(g.id, numbers[3].encode(), b"new_name")


libver = sys.argv[2] if len(sys.argv) > 2 else None
with h5py.File(sys.argv[1], "r+", libver=libver) as f:
    for name, d in f["arrays"].items():
        change_array(d, int(name[-1]))
    for name in ("many", "few", "ordered"):
        change_group(f[name])
    del f["arrays/fixed_2"]
    f.create_dataset("arrays/fixed_2", (30, 7), "i4", chunks=(4, 4), compression=1)[3:] = 9
