import Accounts
import ArgumentParser
import Orders

/// `pesanan keys`
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Manage the keys that sign tokens.", subcommands: [List.self, Rotate.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the ids of the keys, oldest first, each with the time it starts to sign.",
            discussion: examples("pesanan keys list", "pesanan keys list --data /var/lib/pesanan"))
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
            abstract: "Create a new signing key. Tokens signed with earlier keys stay valid until they expire.",
            discussion: examples("pesanan keys rotate", "pesanan keys rotate --revoke"))

        @Flag(help: "Invalidate all tokens issued so far, for use after a key was compromised.")
        var revoke = false

        @OptionGroup var data: DataOptions

        func run() async throws {
            let installation = try await Installation(data.settings(), for: .existing)
            let ring = try await installation.keys.rotate(revoking: revoke)
            if let newest = ring.entries.last { print(newest.key.id) }
        }
    }
}
