package handoff.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The fields of an event that the engine job needs, read with Jackson's streaming parser: its fastest way. */
record Turn(String eventId, String conversationId, String author, Double confidence) {
    private static final JsonFactory JSON = new JsonFactory();

    static Turn read(byte[] value) {
        String eventId = null;
        String conversationId = null;
        String author = null;
        Double confidence = null;
        try (JsonParser parser = JSON.createParser(value)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                switch (name) {
                    case "event_id" -> eventId = parser.getText();
                    case "conversation_id" -> conversationId = parser.getText();
                    case "author" -> author = parser.getText();
                    case "confidence" -> confidence = token == JsonToken.VALUE_NULL ? null : parser.getDoubleValue();
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return new Turn(eventId, conversationId, author, confidence);
    }
}
