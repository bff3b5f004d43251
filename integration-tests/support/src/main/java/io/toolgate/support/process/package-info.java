/**
 * Child processes and what they leave: how they are started, talked to and ended, the directory of a run, and its
 * clean-up however the program ends; a PostgreSQL server in a child process. What children do is not here.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.support.process;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
