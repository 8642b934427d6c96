import JSON
import Logging
import Orders

/// Logs each message as one line of JSON: time, level and message, followed by the metadata.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level
    private let writer: LogWriter

    init(level: Logger.Level, writer: LogWriter) {
        logLevel = level
        self.writer = writer
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = JSONWriter(capacity: 256)
        line.append(raw: #"{"time":"#)
        line.append(Timestamp.now)
        line.append(raw: #","level":"#)
        line.append(string: event.level.rawValue)
        line.append(raw: #","message":"#)
        line.append(string: event.message.description)
        for (key, value) in event.metadata ?? [:] {
            line.append(UInt8(ascii: ","))
            line.append(string: key)
            line.append(UInt8(ascii: ":"))
            switch value {
            case .stringConvertible(let number as Int): line.append(integer: Int64(number))
            default: line.append(string: value.description)
            }
        }
        line.append(raw: "}\n")
        writer.write(line.bytes)
    }
}
