/* base/json_real.h — how this program writes a real number; shared by the JSON reader and writer only. */
#pragma once

#define KS_REAL_LEN 32 /* room for ks_real_text, NUL included */

/* The shortest decimal text that reads back as `v`, always with a point or an exponent ("1.0", "1e+300");
 * "null" when v is not finite. */
void ks_real_text(double v, char out[KS_REAL_LEN]);
