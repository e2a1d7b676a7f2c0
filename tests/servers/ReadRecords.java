import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.elasticsearch.common.Strings;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.XContentType;
import org.elasticsearch.xpack.core.ml.job.results.AnomalyRecord;

/** Reads a document a line with Elastic's own reader, and prints the id it gives and the record as it writes it. */
public final class ReadRecords {
    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            byte[] document = line.getBytes(StandardCharsets.UTF_8);
            try (XContentParser parser =
                    XContentType.JSON.xContent().createParser(XContentParserConfiguration.EMPTY, document)) {
                AnomalyRecord record = AnomalyRecord.LENIENT_PARSER.apply(parser, null);
                System.out.println(record.getId() + "\t" + Strings.toString(record));
            }
        }
    }
}
