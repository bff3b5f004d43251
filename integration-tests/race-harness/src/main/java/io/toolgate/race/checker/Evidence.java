package io.toolgate.race.checker;

import io.toolgate.race.RaceKeys;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.provider.LedgerLine;
import java.util.List;
import java.util.Map;

/**
 * Everything that is left of a run.
 *
 * @param terms that it was to keep to
 * @param keys how keys, accounts and provider keys belong together
 * @param called the texts of the keys that were raced for
 * @param histories of its processes, the sweeping one's included
 * @param deeds what the harness did to them, in order
 * @param ledger what came of each request to the provider, in the order in which it happened
 * @param rows what the database holds, by the keys' texts; a key without a row is absent
 * @param mishaps of processes that nobody meant to disturb: what went wrong, in words
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
