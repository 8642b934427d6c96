import Orders
import Synchronization

/// The time in the format of the `Date` header (RFC 9110, section 5.6.7), formatted once a second.
enum HTTPDate {
    private static let latest = Mutex<(second: Int64, text: String)>((.min, ""))

    static var now: String {
        let time = Timestamp.now
        return latest.withLock { latest in
            if latest.second != time.seconds { latest = (time.seconds, text(for: time)) }
            return latest.text
        }
    }

    static func text(for time: Timestamp) -> String {
        let days = time.seconds / 86400
        let date = Timestamp(seconds: time.seconds).description
        let part = { (range: Range<Int>) in String(Array(date.utf8)[range].map { Character(Unicode.Scalar($0)) }) }
        let month = months[Int(part(5..<7))! - 1]
        return "\(weekdays[Int(days % 7)]), \(part(8..<10)) \(month) \(part(0..<4)) \(part(11..<19)) GMT"
    }

    /// Starts with Thursday, the first day of 1970.
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
