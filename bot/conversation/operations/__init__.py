"""The console of operations in chats: what people order becomes requests, whose messages show what became of them."""
