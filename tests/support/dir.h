/* tests/support/dir.h — the end of a test's own folder. */
#pragma once
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/attr.h"

/* Remove the files of `dir` and the folder itself; folders below it are not looked into. */
static KS_UNUSED void remove_dir(const char *dir)
{
    DIR           *d = opendir(dir);
    struct dirent *e;
    while (d != NULL && (e = readdir(d)) != NULL) {
        if (e->d_name[0] != '.')
            unlinkat(dirfd(d), e->d_name, 0);
    }
    if (d != NULL)
        closedir(d);
    rmdir(dir);
}
