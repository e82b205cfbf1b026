"""What an on-call engineer can do from chat, whatever the chat."""
