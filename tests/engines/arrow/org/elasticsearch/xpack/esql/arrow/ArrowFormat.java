package org.elasticsearch.xpack.esql.arrow;

import java.util.Set;
import org.elasticsearch.xcontent.MediaType;

/** Stands in for an output format that was never published; ES|QL only needs the name to exist. */
public final class ArrowFormat implements MediaType {
    public static final ArrowFormat INSTANCE = new ArrowFormat();

    @Override
    public String queryParameter() {
        return "arrow";
    }

    @Override
    public Set<HeaderValue> headerValues() {
        return Set.of();
    }
}
