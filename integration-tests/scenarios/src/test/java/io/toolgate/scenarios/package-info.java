/** Tests of the whole: on real databases, over many processes, and of the code's structure. */
@NullMarked
package io.toolgate.scenarios;

import org.jspecify.annotations.NullMarked;
