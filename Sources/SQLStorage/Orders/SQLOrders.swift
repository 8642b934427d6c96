package import Orders

/// What a storage of orders does in SQL, with the same statements for every database.
package protocol SQLOrders: OrderEvents, SQLStores {}
