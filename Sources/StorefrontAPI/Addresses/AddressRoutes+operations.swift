import HTTPServing
import JSON
import OrderServices

extension AddressRoutes {
    private static let listPath = StorefrontAPI.store + "/customers/me/addresses"
    private static let itemPath = listPath + "/{id}"
    private static let id = Parameter("id", in: .path, "The address's id.", ["type": "integer"])

    static let list = Operation(
        .get, listPath, "listAddresses", tag: "Customer", "List your addresses", "All of them, oldest first.",
        answers: [.init(200, "Your addresses", "AddressList")], isCrossOrigin: true, emptyID: .addressNotFound)

    static let add = Operation(
        .post, listPath, "addAddress", tag: "Customer", "Add an address", "Up to \(Customers.maximumAddresses).",
        body: "NewAddress", answers: [.init(200, "The address with its id", "Address")], isCrossOrigin: true,
        emptyID: .addressNotFound)

    static let get = Operation(
        .get, itemPath, "getAddress", tag: "Customer", "Get one of your addresses",
        "Someone else's address and one that never existed get the same 404.", parameters: [id],
        answers: [.init(200, "The address", "Address")], errors: [404], isCrossOrigin: true)

    static let change = Operation(
        .patch, itemPath, "changeAddress", tag: "Customer", "Change one of your addresses",
        "Fields that are not given stay as they are.", parameters: [id], body: "AddressChange",
        answers: [.init(200, "The address as it is now", "Address")], errors: [404], isCrossOrigin: true)

    static let remove = Operation(
        .delete, itemPath, "removeAddress", tag: "Customer", "Remove one of your addresses", "Orders keep the address they have.",
        parameters: [id], answers: [.init(204, "Done")], errors: [404], isCrossOrigin: true)
}
