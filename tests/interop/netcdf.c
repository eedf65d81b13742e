/*
 * netcdf.c - a netCDF-4 file: dimensions are scales, with some attributes of its own
 *
 *      netcdf FILE
 *
 * Links and attributes in their order of creation, a dimension with a variable and ones
 * without, an unlimited one, groups that see the dimensions of those around them.
 */
#include <hi5.h>
#include <stdio.h>
#include <string.h>

#define NTIME 4
#define NLAT 3
#define NLON 5

static int
text(hi5_object *o, const char *name, const char *value, hi5_error *err)
{
    hi5_type *t = NULL;
    const int failed =
        hi5_type_string(strlen(value), HI5_NULL_TERMINATED, HI5_ASCII, &t, err) ||
        hi5_attribute_write(o, name, t, NULL, NULL, value, err);

    hi5_type_free(t);
    return failed;
}

static int
dimension_id(hi5_dataset *d, int32_t id, hi5_error *err)
{
    return hi5_attribute_write(hi5_dataset_object(d), "_Netcdf4Dimid", HI5_I32, NULL,
                               NULL, &id, err) != HI5_OK;
}

/* A dimension that has a variable of its name. */
static int
coordinate(hi5_file *f, const char *name, uint64_t n, bool unlimited, int32_t id,
           const double *values, hi5_dataset **d, hi5_error *err)
{
    const uint64_t max = HI5_UNLIMITED, chunk = 512;
    hi5_dataset_options o = {.size = sizeof(o),
                             .track_attribute_order = true,
                             .index_attribute_order = true};

    if (unlimited) {
        o.max = &max;
        o.chunk = &chunk;
    }
    return hi5_dataset_create(f, name, HI5_F64, 1, &n, &o, d, err) ||
           hi5_dataset_write(*d, NULL, HI5_F64, values, err) ||
           hi5_scale_make(*d, name, err) || dimension_id(*d, id, err);
}

/* One that has none: the dataset is there for its size. */
static int
bare(hi5_group *g, const char *name, uint64_t n, int32_t id, hi5_dataset **d,
     hi5_error *err)
{
    const hi5_shape shape = {HI5_SIMPLE, 1, {n}, {n}};
    const hi5_dataset_options o = {.size = sizeof(o),
                                   .track_attribute_order = true,
                                   .index_attribute_order = true};
    hi5_type_info info;
    hi5_type *t = NULL;
    char title[80];
    int failed;

    hi5_type_get_info(HI5_F32, &info);
    info.order = HI5_BE;
    snprintf(title, sizeof(title),
             "This is a netCDF dimension but not a netCDF variable.%10u", (unsigned)n);
    failed = hi5_type_number(&info, &t, err) ||
             hi5_dataset_create_at(g, name, t, &shape, &o, d, err) ||
             hi5_scale_make(*d, title, err) || dimension_id(*d, id, err);
    hi5_type_free(t);
    return failed;
}

static int
temperature(hi5_file *f, hi5_dataset *const *scales, hi5_error *err)
{
    const uint64_t dims[] = {NTIME, NLAT, NLON}, max[] = {HI5_UNLIMITED, NLAT, NLON},
                   chunk[] = {1, NLAT, NLON};
    const float missing = -999, range[] = {-90, 60};
    const hi5_shape two = {HI5_SIMPLE, 1, {2}, {2}}, one = {HI5_SIMPLE, 1, {1}, {1}};
    const hi5_dataset_options o = {.size = sizeof(o),
                                   .max = max,
                                   .chunk = chunk,
                                   .shuffle = true,
                                   .deflate = 4,
                                   .fill = &missing,
                                   .fill_type = HI5_F32,
                                   .track_attribute_order = true,
                                   .index_attribute_order = true};
    float values[NTIME][NLAT][NLON];
    hi5_dataset *d = NULL;
    int failed;

    for (int i = 0; i < NTIME * NLAT * NLON; i++)
        values[i / NLON / NLAT][i / NLON % NLAT][i % NLON] = (float)i / 4;
    failed = hi5_dataset_create(f, "temperature", HI5_F32, 3, dims, &o, &d, err) ||
             hi5_dataset_write(d, NULL, HI5_F32, values, err) ||
             text(hi5_dataset_object(d), "units", "celsius", err) ||
             hi5_attribute_write_string(hi5_dataset_object(d), "long_name",
                                        "Temp\xc3\xa9rature", err) ||
             hi5_attribute_write(hi5_dataset_object(d), "_FillValue", HI5_F32, &one,
                                 NULL, &missing, err) ||
             hi5_attribute_write(hi5_dataset_object(d), "valid_range", HI5_F32, &two,
                                 NULL, range, err);
    for (unsigned i = 0; !failed && i < 3; i++)
        failed = hi5_scale_attach(d, i, scales[i], err) != HI5_OK;
    hi5_dataset_close(d);
    return failed;
}

/* A group with a dimension of its own, and a variable that needs one from outside, too. */
static int
stations(hi5_file *f, hi5_dataset *time, hi5_error *err)
{
    const uint64_t dims[] = {NTIME, 2}, two = 2;
    const hi5_group_options go = {.size = sizeof(go),
                                  .track_order = true,
                                  .index_order = true,
                                  .track_attribute_order = true,
                                  .index_attribute_order = true};
    const char *const names[] = {"Brocken", "Zugspitze"};
    const int32_t wind[NTIME][2] = {{1, 2}, {3, 4}, {5, 6}, {7, 8}};
    hi5_dataset *station = NULL, *d = NULL, *n = NULL;
    hi5_group *g = NULL;
    const int failed =
        hi5_group_create(f, "/stations", &go, &g, err) ||
        text(hi5_group_object(g), "network", "mountains", err) ||
        bare(g, "station", 2, 3, &station, err) ||
        hi5_dataset_create(f, "/stations/wind", HI5_I32, 2, dims, NULL, &d, err) ||
        hi5_dataset_write(d, NULL, HI5_I32, wind, err) ||
        hi5_scale_attach(d, 0, time, err) || hi5_scale_attach(d, 1, station, err) ||
        hi5_dataset_create(f, "/stations/name", HI5_STR, 1, &two, NULL, &n, err) ||
        hi5_dataset_write(n, NULL, HI5_STR, names, err) ||
        hi5_scale_attach(n, 0, station, err);

    hi5_dataset_close(station);
    hi5_dataset_close(d);
    hi5_dataset_close(n);
    hi5_group_close(g);
    return failed;
}

static int
put_all(hi5_file *f, hi5_error *err)
{
    const double times[NTIME] = {0, 6, 12, 18}, latitudes[NLAT] = {-45, 0, 45};
    hi5_dataset *scales[3] = {NULL};
    hi5_group *root = NULL;
    const int failed =
        hi5_group_open(f, "/", &root, err) ||
        text(hi5_group_object(root), "_NCProperties", "version=2,hi5=0.1", err) ||
        text(hi5_group_object(root), "title", "A forecast", err) ||
        coordinate(f, "time", NTIME, true, 0, times, &scales[0], err) ||
        text(hi5_dataset_object(scales[0]), "units", "hours since 2020-01-01", err) ||
        coordinate(f, "lat", NLAT, false, 1, latitudes, &scales[1], err) ||
        bare(root, "lon", NLON, 2, &scales[2], err) || temperature(f, scales, err) ||
        stations(f, scales[0], err);

    for (int i = 0; i < 3; i++)
        hi5_dataset_close(scales[i]);
    hi5_group_close(root);
    return failed;
}

int
main(int argc, char **argv)
{
    const hi5_create_options create = {
        .size = sizeof(create), .track_order = true, .index_order = true};
    hi5_file *f = NULL;
    hi5_error err;
    int failed;

    if (argc != 2)
        return fprintf(stderr, "usage: netcdf FILE\n"), 2;
    failed = hi5_create(argv[1], &create, &f, &err) || put_all(f, &err);
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    if (hi5_close(f, failed ? NULL : &err) && !failed) {
        fprintf(stderr, "%s\n", err.message);
        failed = 1;
    }
    return failed;
}
