package io.toolgate.support;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command of a whole program, which does nothing but hold the program's commands: to name none is wrong usage. */
public abstract class RootCommand implements Runnable {
    private final String usage;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private final HelpOption help = new HelpOption();

    /** A program that answers with {@code usage} when no command is named. */
    protected RootCommand(String usage) {
        this.usage = usage;
    }

    @Override
    public final void run() {
        throw new ParameterException(spec.commandLine(), usage);
    }
}
