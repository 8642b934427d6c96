import Foundation
import NIOHTTP1
import Synchronization
import Testing

@testable import ScalevClient

@Suite struct `Patience with the other side of a mirror` {
    private final class Pauses: Sendable {
        private let all = Mutex<[Int64]>([])
        var seconds: [Int64] { all.withLock { $0 } }
        func add(_ seconds: Int64) { all.withLock { $0.append(seconds) } }
    }

    @Test func `pauses when no requests are left, for as long as the answer says in seconds or as a time`() {
        let now = Int64(Date.now.timeIntervalSince1970)
        for (reset, expected) in [("7", Int64(7)...7), ("\(now + 30)", 28...30), ("0", 1...1), ("999999", 3600...3600)] {
            let pauses = Pauses()
            let patience = ScalevPatience(waiting: pauses.add)
            patience.note(["X-Ratelimit-Remaining": "1", "X-Ratelimit-Reset": reset])
            patience.note(["X-Ratelimit-Reset": reset])
            patience.note(["X-Ratelimit-Remaining": "0"])
            #expect(pauses.seconds == [])
            patience.note(["X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": reset])
            #expect(pauses.seconds.count == 1 && expected.contains(pauses.seconds[0]), "\(reset): \(pauses.seconds)")
        }
    }

    @Test func `pauses longer after each failure, and never shorter than asked`() async throws {
        let pauses = Pauses()
        let patience = ScalevPatience(waiting: pauses.add)
        for failures in 0..<ScalevPatience.maximumTries { patience.pause(after: failures, atLeast: nil) }
        #expect(pauses.seconds == pauses.seconds.sorted() && pauses.seconds.last! > 60)
        let asked = Pauses()
        let other = ScalevPatience(waiting: asked.add)
        other.pause(after: 0, atLeast: 2)
        // All who read wait for the longest pause.
        other.pause(after: 0, atLeast: 1)
        #expect(asked.seconds == [2])
        let start = ContinuousClock.now
        try await other.wait()
        #expect(ContinuousClock.now - start > .seconds(1))
    }

    @Test func `reads Retry-After as seconds or as a date`() {
        #expect(ScalevPatience.seconds("120") == 120)
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = .gmt
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let seconds = ScalevPatience.seconds(format.string(from: .now.addingTimeInterval(90)))
        #expect(seconds.map { (88...90).contains($0) } ?? false)
        #expect(ScalevPatience.seconds("soon") == nil)
    }

    @Test(arguments: [
        ("https://api.shop.example", "https://api.shop.example"), ("https://api.shop.example/v3/", "https://api.shop.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://[::1]:8080/v3", "http://[::1]:8080"),
        ("http://api.shop.example", nil), ("http://localhost.shop.example", nil), ("https://", nil),
        ("https://a:b@shop.example", nil),
        ("https://shop.example#x", nil),
    ])
    func `knows addresses to which a key can be sent`(text: String, address: String?) {
        #expect(ScalevAddress(text)?.text == address)
    }
}
