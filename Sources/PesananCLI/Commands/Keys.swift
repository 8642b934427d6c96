import Accounts
import ArgumentParser
import Orders

/// `pesanan keys`
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The keys that tokens are signed with.", subcommands: [List.self, Rotate.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the ids of the keys, oldest first, each with the time from which it signs.")
        @OptionGroup var data: DataOptions

        func run() async throws {
            let installation = try await Installation(data.settings(), for: .existing)
            for entry in try await installation.keyRing().entries {
                print("\(entry.key.id)  \(entry.usedFrom.seconds == 0 ? "from the beginning" : entry.usedFrom.description)")
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign with a new key from now on; tokens of the keys before live out their time.")

        @Flag(help: "Make all tokens that were given out before invalid at once, for when a key has become known.")
        var revoke = false

        @OptionGroup var data: DataOptions

        func run() async throws {
            let installation = try await Installation(data.settings(), for: .existing)
            let ring = try await installation.keys.rotate(revoking: revoke)
            if let newest = ring.entries.last { print(newest.key.id) }
        }
    }
}
