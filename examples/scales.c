/*
 * scales.c - what the axes of an array are: dimension scales
 *
 *      scales temperature.h5
 *
 * h5py shows them as d.dims[0]["lat"]; netCDF-4 readers take them for coordinates.
 */
#include <hi5.h>
#include <stdio.h>

#define NLAT 3
#define NLON 4

/* A dataset with its values, made a scale. */
static int
make_scale(hi5_file *f, const char *path, const char *name, uint64_t n,
           const double *values, hi5_dataset **d, hi5_error *err)
{
    return hi5_dataset_create(f, path, HI5_F64, 1, &n, NULL, d, err) ||
           hi5_dataset_write(*d, NULL, HI5_F64, values, err) ||
           hi5_scale_make(*d, name, err);
}

int
main(int argc, char **argv)
{
    const double lat_values[NLAT] = {-10, 0, 10}, lon_values[NLON] = {0, 90, 180, 270};
    const float values[NLAT][NLON] = {{25, 26, 27, 28}, {30, 31, 32, 33}, {24, 23, 22, 21}};
    const uint64_t dims[] = {NLAT, NLON};
    hi5_dataset *t = NULL, *lat = NULL, *lon = NULL;
    hi5_file *f = NULL;
    hi5_error err;
    int failed;

    if (argc != 2)
        return fprintf(stderr, "usage: scales FILE\n"), 2;
    failed = hi5_create(argv[1], NULL, &f, &err) ||
             make_scale(f, "/lat", "lat", NLAT, lat_values, &lat, &err) ||
             make_scale(f, "/lon", "lon", NLON, lon_values, &lon, &err) ||
             hi5_dataset_create(f, "/temperature", HI5_F32, 2, dims, NULL, &t, &err) ||
             hi5_dataset_write(t, NULL, HI5_F32, values, &err) ||
             hi5_scale_attach(t, 0, lat, &err) || hi5_scale_attach(t, 1, lon, &err) ||
             hi5_dimension_label(t, 0, "latitude", &err);
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    hi5_dataset_close(t);
    hi5_dataset_close(lat);
    hi5_dataset_close(lon);
    if (hi5_close(f, failed ? NULL : &err) && !failed) {
        fprintf(stderr, "%s\n", err.message);
        failed = 1;
    }
    return failed;
}
