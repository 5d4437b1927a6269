/* features/links/life.c — see life.h. */
#include "features/links/life.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/ids.h"

static void read_boot_id(char id[KS_BOOT_ID])
{
    int     fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, id, KS_BOOT_ID) : -1;
    if (fd >= 0)
        close(fd);
    for (size_t i = 0; n != KS_BOOT_ID && i < KS_BOOT_ID; i++) {
        unsigned char r;
        ks_random(&r, sizeof r);
        id[i] = (char)('a' + r % 26);
    }
}

void ks_clocks_read(const ks_ctx *cx, ks_clocks *out)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_BOOTTIME, &t);
    *out = (ks_clocks){.wall = cx->now_us, .boot = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000};
    read_boot_id(out->id);
}

ks_life ks_life_new(const ks_clocks *now, int64_t s)
{
    return (ks_life){.created_at = now->wall,
                     .expires_at = now->wall + s * 1000000,
                     .boot = {now->id, KS_BOOT_ID},
                     .boot_ends = now->boot + s * 1000000};
}

int64_t ks_life_left(const ks_life *life, const ks_clocks *now)
{
    int64_t left = life->boot_ends - now->boot;
    if (!ks_str_eq(life->boot, (ks_str){now->id, KS_BOOT_ID})) {
        bool set_back = now->wall < life->created_at || now->wall < now->newest;
        left = set_back ? 0 : life->expires_at - now->wall;
    }
    return left > 0 ? left : 0;
}
