/* server/notify.h — tell the service manager how we are (sd_notify(3) protocol, without its library). */
#pragma once
#include "base/str.h"

/* Send e.g. "READY=1" to $NOTIFY_SOCKET; does nothing when there is none. Failures do not matter. */
void ks_notify(ks_str state);
