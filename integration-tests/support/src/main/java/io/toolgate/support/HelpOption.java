package io.toolgate.support;

import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** The option {@code --help}; commands mix it in. */
public final class HelpOption {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this and exits.",
            showDefaultValue = Visibility.NEVER)
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    /** Made by the command line. */
    public HelpOption() {}
}
