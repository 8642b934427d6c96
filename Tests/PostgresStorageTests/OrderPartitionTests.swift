import Orders
import Testing

@testable import PostgresStorage

@Suite struct `A partition of the orders` {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", "before_2000"), ("1999-12-31T23:59:59.999Z", "before_2000"),
            ("2000-01-01T00:00:00Z", "2000_01"), ("2024-02-29T23:59:59.999Z", "2024_02"), ("2024-03-01T00:00:00Z", "2024_03"),
            ("2026-12-31T23:59:59.999Z", "2026_12"), ("2027-01-01T00:00:00Z", "2027_01"),
            ("2099-12-31T23:59:59.999Z", "2099_12"), ("2100-01-01T00:00:00Z", "from_2100"), ("9999-12-31T00:00:00Z", "from_2100"),
        ])
    func `is the month of the id`(time: String, suffix: String) throws {
        let partition = OrderPartition(at: try #require(Timestamp(time)))
        #expect(partition.suffix == suffix)
        #expect(OrderPartition(suffix: suffix) == partition)
    }

    @Test func `begins where the previous one ends`() {
        var partition = OrderPartition.before2000
        var count = 0
        while partition != .from2100 {
            #expect(partition.bounds.upper == partition.next.bounds.lower)
            partition = partition.next
            count += 1
        }
        #expect(count == 1201)
        #expect(OrderPartition(suffix: "2024_13") == nil)
        #expect(OrderPartition(suffix: "2024_1") == nil)
        #expect(OrderPartition(suffix: "default") == nil)
    }
}
