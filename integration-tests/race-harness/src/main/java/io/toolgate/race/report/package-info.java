package io.toolgate.race.report;
