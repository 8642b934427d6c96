import Configuration
import Foundation
import JSON
import Orders

/// The sources of settings, in order of precedence: command line, environment, file.
struct SettingsSource: Sendable {
    private let reader: ConfigReader
    /// For the operator: what in the environment is no setting.
    let warnings: [String]

    /// - Parameters:
    ///   - commandLine: the settings from the command line, by name.
    ///   - file: the path of a JSON file whose members are settings.
    /// - Throws: ``OperatorError`` if the file can't be read or holds anything else.
    init(commandLine: [Setting: String?], environment: [String: String], file: String?) async throws {
        let environment = Environment(environment)
        warnings = environment.warnings
        var given: [AbsoluteConfigKey: ConfigValue] = [:]
        for case (let setting, let value?) in commandLine {
            given[Self.key(setting)] = ConfigValue(.string(value), isSecret: false)
        }
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "command line", values: given),
            EnvironmentVariablesProvider(environmentVariables: environment.settings).prefixKeys(with: "pesanan"),
        ]
        if let file { providers.append(InMemoryProvider(name: "file", values: try Self.members(of: file))) }
        reader = ConfigReader(providers: providers)
    }

    /// A setting's value; `nil` if it is not set.
    /// - Parameter what: a description of valid values, for the error.
    /// - Throws: ``OperatorError`` if `read` returns `nil`.
    func value<Value>(_ setting: Setting, _ what: String, _ read: (String) -> Value?) async throws -> Value? {
        guard let text = try await reader.fetchString(forKey: ConfigKey(Self.key(setting).components)) else { return nil }
        guard let value = read(text) else {
            let name = setting.rawValue
            throw OperatorError("the setting \(name) (--\(name), \(setting.variable)) must be \(what)")
        }
        return value
    }

    private static func key(_ setting: Setting) -> AbsoluteConfigKey {
        AbsoluteConfigKey([setting.rawValue.replacing("-", with: "_")])
    }

    /// The members of a JSON object as settings. An unknown member is an error and is not ignored.
    private static func members(of file: String) throws -> [AbsoluteConfigKey: ConfigValue] {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw OperatorError("the settings file \(file) can't be read")
        }
        let json: JSON
        do { json = try JSON(parsing: [UInt8](data)) } catch {
            throw OperatorError("the settings file \(file) is not JSON: \(error.reason), at byte \(error.offset)")
        }
        guard case .object(let object) = json else { throw OperatorError("the settings file \(file) must hold a JSON object") }
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (name, value) in object.members {
            guard let setting = Setting(rawValue: name) else {
                let names = Setting.allCases.map(\.rawValue).joined(separator: ", ")
                throw OperatorError("the settings file \(file) has the unknown setting \(name): the settings are \(names)")
            }
            switch value {
            case .string(let text), .number(let text): values[key(setting)] = ConfigValue(.string(text), isSecret: false)
            default: throw OperatorError("the value of \(name) in the settings file \(file) must be a string or a number")
            }
        }
        return values
    }
}
