# netcdf.py FILE - does netCDF4 read, and extend, what netcdf.c wrote?
import sys
import netCDF4
import numpy as np

passed = failed = 0


def check(what, condition):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print("netcdf.py:", what)


def header(f):
    check("format", f.data_model == "NETCDF4" and f.title == "A forecast")
    check("dimensions", [(n, len(d), d.isunlimited()) for n, d in f.dimensions.items()] ==
          [("time", 4, True), ("lat", 3, False), ("lon", 5, False)])
    check("variables", list(f.variables) == ["time", "lat", "temperature"])
    check("coordinates", f["time"][:].tolist() == [0, 6, 12, 18] and
          f["lat"][:].tolist() == [-45, 0, 45])
    check("times", [str(t) for t in netCDF4.num2date(f["time"][1:2], f["time"].units)] ==
          ["2020-01-01 06:00:00"])


def temperature(v):
    check("temperature", v.dimensions == ("time", "lat", "lon") and v.dtype == np.dtype("f4"))
    check("values", np.array_equal(v[:4], np.arange(60).reshape(4, 3, 5) / 4))
    check("attributes", v.ncattrs() == ["units", "long_name", "_FillValue", "valid_range"] and
          (v.units, v.long_name, v._FillValue, v.valid_range.tolist()) ==
          ("celsius", "Température", -999, [-90, 60]))
    check("filters", (v.filters()["zlib"], v.filters()["shuffle"], v.filters()["complevel"]) ==
          (True, True, 4) and v.chunking() == [1, 3, 5])


def stations(g):
    check("group", g.network == "mountains" and list(g.variables) == ["wind", "name"] and
          len(g.dimensions["station"]) == 2)
    check("wind", g["wind"].dimensions == ("time", "station") and
          g["wind"][:4].tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]])
    check("names", g["name"][:].tolist() == ["Brocken", "Zugspitze"] and
          g["name"].dimensions == ("station",))


def extend(f):
    f["time"][4:6] = [24, 30]
    f["temperature"][4] = np.full((3, 5), 9.5)
    f["temperature"].note = "longer"
    f.createDimension("level", 2)
    p = f.createVariable("pressure", "f8", ("time", "level"), zlib=True)
    p[:] = np.arange(12).reshape(6, 2)
    f.createGroup("stations/more").history = "added"


with netCDF4.Dataset(sys.argv[1]) as f:
    header(f)
    temperature(f["temperature"])
    stations(f["stations"])
with netCDF4.Dataset(sys.argv[1], "a") as f:
    extend(f)
with netCDF4.Dataset(sys.argv[1]) as f:
    t = f["temperature"]
    check("longer", t.shape == (6, 3, 5) and (t[4] == 9.5).all() and t[5].mask.all() and
          t.note == "longer" and f["time"][:].tolist() == [0, 6, 12, 18, 24, 30])
    check("pressure", f["pressure"][:].tolist() == np.arange(12).reshape(6, 2).tolist() and
          f["stations/more"].history == "added")
print("%d passed, %d failed" % (passed, failed))
