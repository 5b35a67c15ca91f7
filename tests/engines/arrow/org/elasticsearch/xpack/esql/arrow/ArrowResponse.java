package org.elasticsearch.xpack.esql.arrow;

import java.util.List;

/** Stands in for an output format that was never published; nobody may ask for it. */
public final class ArrowResponse {
    public record Column(String type, String name) {}

    public ArrowResponse(List<Column> columns, List<?> pages) {
        throw new UnsupportedOperationException("the test engine has no Arrow output");
    }
}
