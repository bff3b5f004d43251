package io.toolgate.race.checker;

import io.toolgate.race.RaceKeys;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.provider.LedgerLine;
import java.util.List;
import java.util.Map;

/**
 * The recorded evidence of a finished run.
 *
 * @param terms the terms of the run
 * @param keys the mapping of keys to accounts and provider keys
 * @param called the texts of the keys that were raced for
 * @param histories the histories of its processes, including the sweeping one
 * @param deeds the harness's actions on the processes, in order
 * @param ledger the results of the requests to the provider, in order
 * @param rows the rows in the database at the end, by the keys' texts; a key without a row is absent
 * @param mishaps descriptions of failures of processes that were not disturbed on purpose
 */
public record Evidence(
        Terms terms,
        RaceKeys keys,
        List<String> called,
        List<HistoryFile> histories,
        List<Deed> deeds,
        List<LedgerLine> ledger,
        Map<String, Row> rows,
        List<String> mishaps) {}
